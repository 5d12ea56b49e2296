/**
 * Statements on the document table, as the compiler writes them for the `mongo_query` beside each: test/compiler proves that
 * it does, test/pipeline runs them.
 */
import type { Parameter } from "../../../../src/contract/plan/query.ts";
import type { Reference } from "../../../../src/contract/plan/reference.ts";
import { claimId, queryStep } from "../../../support/plans.ts";

export const document = (value: Reference): Parameter => ({ value, type: "document" });
const payload = (name: string): Reference => ({ from: "payload", path: [name] });
const NOW: Parameter = { value: { from: "now" }, type: "timestamp" };
const id = "printf('%08x', unixepoch()) || lower(hex(randomblob(8)))";
const answered = `sluice_documents.id, sluice_documents.body -> '$.title' AS "title", sluice_documents.body -> '$.rank' AS "rank", sluice_documents.body -> '$.owner' AS "owner"`;
const columns = { title: "json", rank: "json", owner: "json" } as const;

export const insert = queryStep({
  sql: `INSERT INTO sluice_documents (id, collection, body, created_at, updated_at) VALUES (${id}, 'notes', json_object('title', json(?1), 'rank', json(?2), 'owner', json(?3)), ?4, ?4) RETURNING ${answered}`,
  parameters: [document(payload("title")), document(payload("rank")), document(claimId), NOW],
  columns,
});
export const list = queryStep({
  sql: `SELECT ${answered} FROM sluice_documents WHERE sluice_documents.collection = 'notes' AND sluice_documents.body -> '$.owner' = ?1 ORDER BY sluice_documents.body ->> '$.rank' DESC, sluice_documents.created_at, sluice_documents.position LIMIT min(max(coalesce(?2, 50), 0), 1000) OFFSET max(coalesce(?3, 0), 0)`,
  parameters: [
    document(claimId),
    { value: payload("limit"), type: "integer" },
    { value: payload("skip"), type: "integer" },
  ],
  columns,
  send: "now",
});
export const byRank = queryStep({
  sql: `SELECT ${answered} FROM sluice_documents WHERE sluice_documents.collection = 'notes' AND sluice_documents.body -> '$.owner' = ?1 AND sluice_documents.body -> '$.rank' = ?2 ORDER BY sluice_documents.created_at, sluice_documents.position LIMIT 50`,
  parameters: [document(claimId), document(payload("rank"))],
  columns,
  send: "now",
});
export const update = queryStep({
  sql: `UPDATE sluice_documents SET body = json_set(body, '$.title', json(?1)), updated_at = ?2 WHERE sluice_documents.collection = 'notes' AND sluice_documents.id = ?3 AND sluice_documents.body -> '$.owner' = ?4 RETURNING ${answered}`,
  parameters: [document(payload("title")), NOW, { value: payload("id"), type: "text" }, document(claimId)],
  columns,
});
export const remove = queryStep({
  sql: `DELETE FROM sluice_documents WHERE sluice_documents.collection = 'notes' AND sluice_documents.id = ?1 AND sluice_documents.body -> '$.owner' = ?2 RETURNING ${answered}`,
  parameters: [{ value: payload("id"), type: "text" }, document(claimId)],
  columns,
});

const owner = "$PROTECTED.id";

/** What an author writes for each, in the collection `notes`. */
export const sources = [
  [{ action: "INSERT", parameters: ["title", "rank"], set: { owner } }, insert],
  [{ action: "FIND", filter: { owner }, sort: { rank: -1 }, limit: "$PAYLOAD.limit", skip: "$PAYLOAD.skip" }, list],
  [{ action: "FIND", filter: { owner }, parameters: ["rank"] }, byRank],
  [{ action: "UPDATE", filter: { id: "$PAYLOAD.id", owner }, parameters: ["title"] }, update],
  [{ action: "DELETE", filter: { id: "$PAYLOAD.id", owner } }, remove],
] as const;
