/**
 * Links in the stored answers and jobs of a call. A stored signature would open the file for whoever reads the table,
 * and would be out of date when the answer is given again. So a mark replaces each link that the call issued, and a new
 * link is signed for it then.
 */
import type { IssueAll, LinkWish } from "./link.ts";

/** A link that was issued, and what it opens. */
export interface NamedLink extends LinkWish {
  readonly url: string;
  /** Random, and told to nobody before the link is. */
  readonly id: string;
}

type Mark = readonly [mark: string, key: LinkWish["key"], thumbnail?: string];

/**
 * The value as JSON in one line, without the links. If it has any, a line before it tells the file of each mark: the
 * value itself may hold whatever a client sent.
 */
export function toKeptText(value: unknown, issued: readonly NamedLink[]): string {
  let json = JSON.stringify(value);
  const marks: Mark[] = [];
  for (const { url, id, key, thumbnail } of issued) {
    if (!json.includes(url)) continue;
    const mark = `link:${id}`;
    json = json.replaceAll(url, mark);
    marks.push(thumbnail === undefined ? [mark, key] : [mark, key, thumbnail]);
  }
  return marks.length === 0 ? json : `${JSON.stringify(marks)}\n${json}`;
}

/** The value, with new links; null in place of one whose file cannot be read any more. */
export async function fromKeptText(text: string, issueAll: IssueAll): Promise<unknown> {
  const end = text.indexOf("\n");
  let json = text.slice(end + 1);
  const marks = end === -1 ? [] : (JSON.parse(text.slice(0, end)) as readonly Mark[]);
  const wishes = marks.map(([, key, thumbnail]) => (thumbnail === undefined ? { key } : { key, thumbnail }));
  const urls = marks.length === 0 ? [] : await issueAll(wishes);
  for (const [index, [mark]] of marks.entries()) {
    const url = urls[index] ?? null;
    json = json.replaceAll(`"${mark}"`, () => JSON.stringify(url)).replaceAll(mark, () => url ?? "");
  }
  return JSON.parse(json);
}
