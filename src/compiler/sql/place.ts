/** Finds in the author's SQL what a target has refused in its own print of it. */
import { readWords, type Word } from "../migrations/words.ts";

/** A word of a statement, `table.column` counting as one: which of the equal ones, counted from 0. */
export interface SqlWord {
  readonly text: string;
  readonly nth: number;
}

/** What is wrong with a statement. */
export interface SqlFault {
  readonly message: string;
  /** An index of the author's text; absent where nothing tells. */
  readonly index?: number;
}

/** The words of `a.b` stand at this one. */
function standsAt(words: readonly Word[], index: number, wanted: readonly string[]): boolean {
  return wanted.every((text, step) => {
    const sign = words[index + step * 2 - 1]?.text;
    return words[index + step * 2]?.text === text && (step === 0 || sign === ".");
  });
}

/** Where the word stands in a text; undefined where it does not. A name that stands there less often: the first. */
export function indexOfWord(sql: string, { text, nth }: SqlWord): number | undefined {
  const words = readWords(sql);
  const wanted = text.toLowerCase().split(".");
  const found = words.flatMap((word, index) => (standsAt(words, index, wanted) ? [word.at] : []));
  return found[nth] ?? found[0];
}

/** The word at an offset of a text; null at its end. */
export function wordAt(sql: string, offset: number): SqlWord | null {
  const words = readWords(sql);
  const word = words.find(({ at }) => at >= offset);
  if (word === undefined) return null;
  return { text: word.text, nth: words.filter(({ text, at }) => text === word.text && at < word.at).length };
}

/** The fault with the place of a word, where it stands in the author's text. */
export function faultAt(message: string, sql: string, word: SqlWord | null): SqlFault {
  const index = word === null ? undefined : indexOfWord(sql, word);
  return index === undefined ? { message } : { message, index };
}

/** Databases count characters: an index of the text's UTF-16 units. */
export const indexOfCharacter = (sql: string, count: number): number => Array.from(sql).slice(0, count).join("").length;
