/**
 * Parses the text form of PostgreSQL's arrays (https://www.postgresql.org/docs/current/arrays.html#ARRAYS-IO): braces,
 * commas, quotes and backslashes.
 */
import type { Json } from "../../../contract/plan.ts";

/** One token: a brace, a comma, a quoted element or a bare one. */
const TOKEN = /[{},]|"((?:[^"\\]|\\[^])*)"|[^{},"]+/gy;

/**
 * The elements in order, nested as the dimensions are, each text made JSON by `convert`. NULL is null. Lower bounds
 * other than 1 (`[0:1]={…}`) have no place in JSON and are dropped. @throws Error when the text is not an array's
 */
export function parseArray(text: string, convert: (element: string) => Json): Json {
  const start = text.startsWith("[") ? text.indexOf("=") + 1 : 0;
  const outermost: Json[] = [];
  const open: Json[][] = [outermost];
  for (const [token, quoted] of text.slice(start).matchAll(TOKEN)) {
    const innermost = open.at(-1);
    if (innermost === undefined) break;
    if (token === "{") {
      const nested: Json[] = [];
      innermost.push(nested);
      open.push(nested);
    } else if (token === "}") {
      open.pop();
    } else if (token !== ",") {
      innermost.push(toElement(token, quoted, convert));
    }
  }
  const [array] = outermost;
  if (open.length !== 1 || array === undefined) throw new Error("PostgreSQL answered an array that does not parse");
  return array;
}

function toElement(token: string, quoted: string | undefined, convert: (element: string) => Json): Json {
  if (quoted !== undefined) return convert(quoted.replaceAll(/\\([^])/g, "$1"));
  return token === "NULL" ? null : convert(token);
}
