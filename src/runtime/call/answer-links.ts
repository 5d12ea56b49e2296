/** Links in the rows of an answer: for columns that hold storage keys, whoever the files belong to. */
import type { AnsweredResult } from "../../contract/plan.ts";
import { misconfigured } from "../../contract/problem.ts";
import { readObjectKey, type ObjectKey } from "../storage/object-key.ts";
import type { IssueAll } from "../links/link.ts";
import type { ResultRow, Scope } from "./scope.ts";

/** Each is signed for itself, so that an answer without end would take CPU time without end. */
const MAX_LINKS = 1000;

/**
 * Adds the links to the rows of the answering step; null where there is no such file, or it cannot be read.
 * @throws Problem `misconfigured` where the rows have more than 1,000 keys
 */
export async function addLinks(
  { step, links: columns = {} }: AnsweredResult,
  results: Scope["results"],
  issueAll: IssueAll,
): Promise<void> {
  const result = results.get(step);
  if (result === undefined) return;
  const keysOf = (row: ResultRow) => Object.values(columns).flatMap((column) => keyIn(row, column) ?? []);
  const keys = [...new Set(result.rows.flatMap(keysOf))];
  if (keys.length > MAX_LINKS)
    throw misconfigured(`An answer has links to more than ${MAX_LINKS} files: limit its rows`);
  const links = await issueAll(keys.map((key) => ({ key })));
  const urls = new Map(keys.map((key, index) => [key, links[index] ?? null]));
  const rows = result.rows.map((row) => {
    const own = Object.entries(columns).map(([field, column]) => {
      const key = keyIn(row, column);
      return [field, key === null ? null : (urls.get(key) ?? null)];
    });
    return { ...row, ...(Object.fromEntries(own) as ResultRow) };
  });
  results.set(step, { ...result, rows });
}

function keyIn(row: ResultRow, column: string): ObjectKey | null {
  const text = row[column];
  return typeof text === "string" ? readObjectKey(text) : null;
}
