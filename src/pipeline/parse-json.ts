/** JSON from outside. It knows nothing of where the text came from. */
import type { Json } from "../plan.ts";

/** Writing a value as JSON again recurses: some thousands of levels would exhaust the stack. */
const MAX_DEPTH = 100;

/** @throws SyntaxError when the text is not JSON, or nested deeper than 100 levels */
export function parseJson(text: string): Json {
  if (isTooDeep(text)) throw new SyntaxError(`The JSON is nested deeper than ${MAX_DEPTH} levels`);
  return JSON.parse(text) as Json;
}

/** Counts brackets outside of strings; of a text that is not JSON the answer means nothing. */
function isTooDeep(text: string): boolean {
  let depth = 0;
  let isInString = false;
  for (let index = 0; index < text.length; index++) {
    const character = text[index];
    if (isInString) {
      if (character === "\\") index += 1;
      else if (character === '"') isInString = false;
    } else if (character === '"') isInString = true;
    else if (character === "[" || character === "{") depth += 1;
    else if (character === "]" || character === "}") depth -= 1;
    if (depth > MAX_DEPTH) return true;
  }
  return false;
}
