/** The links of a file, for its owner: issue one with limits, list those that were issued, revoke them all. */
import type { FileRecord } from "../files/record.ts";
import type { LinkRecord, LinkTerms } from "../links/link.ts";
import { MAX_LINK_SECONDS } from "../links/parameters.ts";
import { allTerms, areTogether, formOfLimit, gatherTerms, keptOf, readLimit } from "../links/terms.ts";
import type { Json } from "../../contract/plan.ts";
import { Problem } from "../../contract/problem.ts";
import type { FileApiCall } from "./file-api-call.ts";
import { issueManaged, linksOf, signAgain } from "./managed-links.ts";
import { changeFile, checkThumbnail, findReadable, type KeyedAnswer } from "./one-file.ts";
import { refusePayload } from "./refuse-payload.ts";

/** The most links that are listed, the newest first. */
const MAX_LISTED = 1000;
const KNOWN = ["expires", ...allTerms.map(([, { name }]) => name)];

/**
 * A repeat under an idempotency key gets the same link again: what is kept has no signature.
 * @throws Problem `payload_invalid`, `file_not_found`, `file_expired`
 */
export async function issueLink(call: FileApiCall, id: string): Promise<KeyedAnswer> {
  let url: string | null = null;
  const answer = await changeFile(call, id, "json", async (finishing, payload) => {
    const terms = readTerms(payload);
    await checkThumbnail(call, id, terms);
    const issued = await issueManaged(call, id, terms, await finishing());
    ({ url } = issued);
    return toDocument({ ...issued.link, downloads: 0 }, "live");
  });
  const document = answer.data as { readonly [name: string]: Json };
  url ??= await signIssued(call, id, document["id"] as string, readTerms(answer.payload));
  return { ...answer, data: { url, ...document } };
}

async function signIssued(call: FileApiCall, id: string, linkId: string, terms: Partial<LinkTerms>): Promise<string> {
  const file = await findReadable(call, id);
  const link = await linksOf(call).findIssued(call.owner, id, linkId);
  // Its audit was cleared.
  if (link === null) throw new Problem("idempotency_answer_lost");
  return signAgain(call, file, link, terms);
}

/** What was issued for the file, newest first, without the addresses. @throws Problem as `issueLink` */
export async function listLinks(call: FileApiCall, id: string): Promise<Json> {
  const { owner } = call;
  const file = await findReadable(call, id);
  const [links, ownerEpoch] = await Promise.all([
    linksOf(call).list(owner, file.id, MAX_LISTED),
    call.links.issuer.epochOf(owner),
  ]);
  return links.map((link) => toDocument(link, stateOf(link, file, ownerEpoch, call.now)));
}

/** Revokes every link of the file that this runtime answers. @throws Problem as `issueLink` */
export async function revokeFileLinks(call: FileApiCall, id: string): Promise<Json> {
  const { owner } = call;
  const file = await findReadable(call, id);
  // Deleted or expired in the meantime.
  const isRevoked = await linksOf(call).revokeFile(owner, file.id, call.now.toISOString());
  if (!isRevoked) throw new Problem("file_not_found");
  return { revoked: "file", id: file.id };
}

/** Revokes every link of the caller's files that this runtime answers. */
export async function revokeOwnLinks(call: FileApiCall): Promise<Json> {
  await linksOf(call).revokeOwner(call.owner);
  return { revoked: "owner" };
}

type LinkState = "live" | "expired" | "revoked" | "used_up";

function stateOf(link: LinkRecord, file: FileRecord, ownerEpoch: number, now: Date): LinkState {
  if (now >= new Date(link.expiresAt)) return "expired";
  if (link.kind === "r2") return "live";
  if (link.epoch !== file.linkEpoch + ownerEpoch) return "revoked";
  return link.maxDownloads !== null && link.downloads >= link.maxDownloads ? "used_up" : "live";
}

function toDocument(link: LinkRecord, state: LinkState): { readonly [name: string]: Json } {
  return {
    id: link.id,
    kind: link.kind,
    state,
    issued_at: link.issuedAt,
    expires_at: link.expiresAt,
    ...keptOf(link, "name"),
    downloads: link.maxDownloads === null ? null : link.downloads,
    requested_from: link.clientIp,
    request_id: link.requestId,
  };
}

/** Reads the limits that the body asks for, all of them optional. */
function readTerms(payload: Json): Partial<LinkTerms> {
  if (payload === null) return {};
  if (typeof payload !== "object" || Array.isArray(payload)) throw refusePayload("body", "must be a JSON object");
  const unknown = Object.keys(payload).find((name) => !KNOWN.includes(name));
  if (unknown !== undefined) throw refusePayload(unknown.slice(0, 60), `is unknown; known are ${KNOWN.join(", ")}`);
  const { expires, ...asked } = payload as { readonly [name: string]: Json };
  const terms = gatherTerms(({ name, read, form }) => {
    const value = asked[name] ?? null;
    return value === null ? null : accept(name, read(value), form);
  });
  if (!areTogether(terms)) throw refusePayload("max_downloads", "cannot be had of a thumbnail");
  if (expires === undefined) return terms;
  const life = readLimit(expires, MAX_LINK_SECONDS);
  return { ...terms, expiresSeconds: accept("expires", life, formOfLimit(MAX_LINK_SECONDS)) };
}

function accept<Value>(field: string, value: Value | null, form: string): Value {
  if (value === null) throw refusePayload(field, form);
  return value;
}
