/** What a verified token's claims must not leave open: numbers that change as they are read, and names that stand twice. */
import { base64url } from "jose";
import { parseJson } from "./parse-json.ts";

/**
 * Of the token's text, because what a JSON parser returns tells neither.
 * @throws Error when a number is not carried exactly, an object names a member twice, or the text is not UTF-8
 */
export function checkClaims(token: string): void {
  const text = new TextDecoder("utf-8", { fatal: true, ignoreBOM: false }).decode(
    base64url.decode(token.split(".")[1] ?? ""),
  );
  parseJson(text);
  if (repeatsName(text)) throw new Error("The token names a claim twice");
}

/** @param text that is JSON */
function repeatsName(text: string): boolean {
  const objects: Set<string>[] = [];
  for (const [token, string, colon] of text.matchAll(/[{}]|("(?:[^"\\]|\\.)*")\s*(:?)/g)) {
    if (token === "{") objects.push(new Set());
    else if (token === "}") objects.pop();
    else if (colon === ":") {
      const name = JSON.parse(string ?? "") as string;
      const names = objects.at(-1);
      if (names?.has(name) === true) return true;
      names?.add(name);
    }
  }
  return false;
}
