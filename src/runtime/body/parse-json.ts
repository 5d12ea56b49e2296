/** Parses JSON from outside, refusing what is nested too deeply and numbers that would lose digits. */
import { isExactNumber } from "../exact-number.ts";
import type { Json } from "../../contract/plan.ts";
import { Problem } from "../../contract/problem.ts";

/** Writing a value as JSON again recurses: some thousands of levels would exhaust the stack. */
const MAX_DEPTH = 100;

const numberCharacters: ReadonlySet<number> = new Set(Array.from("0123456789.eE+-", (one) => one.charCodeAt(0)));

/**
 * @throws SyntaxError when the text is not JSON, or nested deeper than 100 levels
 * @throws Problem `payload_invalid` when it holds a number that a JavaScript number cannot carry exactly
 */
export function parseJson(text: string): Json {
  const { isTooDeep, isExact } = inspect(text);
  if (isTooDeep) throw new SyntaxError(`The JSON is nested deeper than ${MAX_DEPTH} levels`);
  const value = JSON.parse(text) as Json;
  if (!isExact) throw new Problem("payload_invalid", { detail: "A number has too many digits: send it as text." });
  return value;
}

/** Counts brackets and reads numbers outside of strings; for a text that is not JSON the answer means nothing. */
function inspect(text: string): { readonly isTooDeep: boolean; readonly isExact: boolean } {
  let depth = 0;
  let isInString = false;
  let isExact = true;
  for (let index = 0; index < text.length; index++) {
    const character = text[index] ?? "";
    if (isInString) {
      if (character === "\\") index += 1;
      else if (character === '"') isInString = false;
    } else if (character === '"') isInString = true;
    else if (character === "[" || character === "{") depth += 1;
    else if (character === "]" || character === "}") depth -= 1;
    else if (character >= "0" && character <= "9") {
      const end = endOfNumber(text, index);
      isExact &&= isExactNumber(text.slice(index, end));
      index = end - 1;
    }
    if (depth > MAX_DEPTH) return { isTooDeep: true, isExact };
  }
  return { isTooDeep: false, isExact };
}

function endOfNumber(text: string, start: number): number {
  let end = start + 1;
  while (numberCharacters.has(text.charCodeAt(end))) end += 1;
  return end;
}
