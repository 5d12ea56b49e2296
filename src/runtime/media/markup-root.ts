/**
 * Finds the root element of markup, whatever prologue stands before it: XML 1.0 §2.8. Written by hand to read forwards
 * only, because the bytes are untrusted: a regular expression would backtrack.
 */

/** What a search has cost: characters looked at, of which each is looked at twice at most. */
export interface SearchCost {
  steps: number;
}

class Reader {
  readonly #text: string;
  readonly #cost: SearchCost;
  #at = 0;

  constructor(text: string, cost: SearchCost) {
    this.#text = text;
    this.#cost = cost;
  }

  /** The next characters, fewer at the end. */
  take(count = 1): string {
    const taken = this.#text.slice(this.#at, this.#at + count);
    this.#move(taken.length);
    return taken;
  }

  /** All characters from here that are of a class. */
  takeAll(characters: RegExp): string {
    let end = this.#at;
    while (end < this.#text.length && characters.test(this.#text.charAt(end))) end += 1;
    if (end < this.#text.length) this.#cost.steps += 1;
    return this.take(end - this.#at);
  }

  /** Moves past the next such word, or to the end. */
  skipPast(word: string): void {
    const found = this.#text.indexOf(word, this.#at);
    this.#move((found === -1 ? this.#text.length : found + word.length) - this.#at);
  }

  #move(count: number): void {
    this.#at += count;
    this.#cost.steps += count;
  }
}

/** The root's local name in lower case; null where none follows the prologue. */
export function markupRoot(text: string, cost: SearchCost = { steps: 0 }): string | null {
  const reader = new Reader(text, cost);
  for (;;) {
    reader.takeAll(/\s/);
    if (reader.take() !== "<") return null;
    const next = reader.take();
    // Browsers that read it as HTML end an instruction at the first of these.
    if (next === "?") reader.skipPast(">");
    else if (next !== "!") return localName(next + reader.takeAll(/[\w.-]/), reader);
    else if (!skipDeclaration(reader)) return null;
  }
}

function localName(name: string, reader: Reader): string | null {
  if (!/^[\w.-]/.test(name)) return null;
  const behindPrefix = reader.take() === ":" ? reader.takeAll(/[\w.-]/) : "";
  return (behindPrefix || name).toLowerCase();
}

/** Skips what follows `<!`. False for what is neither a comment nor a document type. */
function skipDeclaration(reader: Reader): boolean {
  const opening = reader.take(2);
  if (opening === "--") {
    reader.skipPast("-->");
    return true;
  }
  if ((opening + reader.take(5)).toLowerCase() !== "doctype") return false;
  reader.takeAll(/[^>[]/);
  if (reader.take() === "[") {
    skipSubset(reader);
    reader.skipPast(">");
  }
  return true;
}

/** Moves past the `]` that ends an internal subset: one in a literal, a comment or an instruction does not. */
function skipSubset(reader: Reader): void {
  for (;;) {
    reader.takeAll(/[^\]"'<]/);
    const character = reader.take();
    if (character === '"' || character === "'") reader.skipPast(character);
    else if (character !== "<") return;
    else skipMarkup(reader);
  }
}

/** Skips what follows a `<` of the internal subset; a declaration is left to be read for its literals. */
function skipMarkup(reader: Reader): void {
  const next = reader.take();
  if (next === "?") reader.skipPast("?>");
  else if (next === "!" && reader.take(2) === "--") reader.skipPast("-->");
}
