/** Links in the rows of an answer: for columns that hold storage keys, whoever the files belong to. */
import { linkColumn, type AnsweredLink, type AnsweredResult } from "../../contract/plan.ts";
import { misconfigured } from "../../contract/problem.ts";
import { readObjectKey } from "../storage/object-key.ts";
import type { IssueAll, LinkWish } from "../links/link.ts";
import type { ResultRow, Scope } from "./scope.ts";

/** Each is signed for itself, so that an answer without end would take CPU time without end. */
const MAX_LINKS = 1000;

/**
 * Adds the links to the rows of the answering step; null where there is no such file or thumbnail, or it cannot be read.
 * @throws Problem `misconfigured` where the rows have more than 1,000 links
 */
export async function addLinks(
  { step, links: columns = {} }: AnsweredResult,
  results: Scope["results"],
  issueAll: IssueAll,
): Promise<void> {
  const result = results.get(step);
  if (result === undefined) return;
  const wishes = new Map<string, LinkWish>();
  for (const row of result.rows) {
    for (const link of Object.values(columns)) {
      const wish = wishIn(row, link);
      if (wish !== null) wishes.set(nameOf(wish), wish);
    }
  }
  if (wishes.size > MAX_LINKS) throw misconfigured(`An answer has more than ${MAX_LINKS} links: limit its rows`);
  const links = await issueAll([...wishes.values()]);
  const urls = new Map([...wishes.keys()].map((name, index) => [name, links[index] ?? null]));
  const rows = result.rows.map((row) => {
    const own = Object.entries(columns).map(([field, link]) => {
      const wish = wishIn(row, link);
      return [field, wish === null ? null : (urls.get(nameOf(wish)) ?? null)];
    });
    return { ...row, ...(Object.fromEntries(own) as ResultRow) };
  });
  results.set(step, { ...result, rows });
}

function wishIn(row: ResultRow, link: AnsweredLink): LinkWish | null {
  const text = row[linkColumn(link)];
  const key = typeof text === "string" ? readObjectKey(text) : null;
  if (key === null) return null;
  return typeof link === "string" ? { key } : { key, thumbnail: link.thumbnail };
}

const nameOf = ({ key, thumbnail = "" }: LinkWish): string => `${thumbnail}/${key}`;
