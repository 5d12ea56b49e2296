/**
 * Answers written down so that those of two engines can be compared to the letter: what is generated anew in each run
 * (ids, keys, moments, signatures) is replaced by a name, the same for the same value within one answer.
 */
import type { Answer } from "./client.ts";

export interface Transcript {
  /** @param sorted puts what has no order of its own into one; by default the answer stays as it is */
  note(name: string, answer: Answer, sorted?: (body: unknown) => unknown): void;
  /** Names and texts in order. */
  readonly entries: ReadonlyMap<string, string>;
}

const generated: readonly (readonly [name: string, pattern: RegExp])[] = [
  ["uuid", /\b[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}\b/g],
  ["moment", /\b20\d\d-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z/g],
  ["hex id", /\b[0-9a-f]{24}\b/g],
  ["ksuid", /(?<![\w-])[0-9A-Za-z]{27}(?![\w-])/g],
  ["nanoid", /(?<![\w-])[\w-]{21}(?![\w-])/g],
];

/** The headers that a client may rely on. */
const headerNames = ["cache-control", "content-type", "idempotent-replayed", "retry-after"];

export function createTranscript(origin: string): Transcript {
  const entries = new Map<string, string>();
  return {
    entries,
    note(name, { status, headers, body }, sorted = (same) => same) {
      if (entries.has(name)) throw new Error(`${name} was noted already`);
      const shown = Object.fromEntries(headerNames.map((header) => [header, headers.get(header)]));
      const text = JSON.stringify({ status, headers: shown, body: sorted(body) }, hideCursors, 1);
      entries.set(name, hideGenerated(text.replaceAll(origin, "<origin>")));
    },
  };
}

function hideCursors(name: string, value: unknown): unknown {
  return name === "nextCursor" && typeof value === "string" ? "<cursor>" : value;
}

function hideGenerated(text: string): string {
  const known = new Map<string, string>();
  let left = text.replaceAll(/\?X-Amz-[^"]*/g, "?<signature>");
  for (const [name, pattern] of generated) {
    left = left.replaceAll(pattern, (value) => {
      const shown = known.get(value) ?? `<${name} ${String(known.size + 1)}>`;
      known.set(value, shown);
      return shown;
    });
  }
  return left;
}

/** One sentence for every answer that is not the same. */
export function compareTranscripts(one: Transcript, other: Transcript): string[] {
  const names = [...new Set([...one.entries.keys(), ...other.entries.keys()])];
  return names.flatMap((name) => {
    const [left, right] = [one.entries.get(name), other.entries.get(name)];
    if (left === right) return [];
    if (left === undefined || right === undefined) return [`${name}: only one engine got there`];
    return [`${name}: ${firstDifference(left.split("\n"), right.split("\n"))}`];
  });
}

function firstDifference(left: readonly string[], right: readonly string[]): string {
  const at = left.findIndex((line, index) => line !== right[index]);
  return `${(left[at] ?? "more lines").trim()} | ${(right[at] ?? "no more lines").trim()}`;
}
