/** Finds what a JSON parser accepts silently: a member that an object names twice, of which it keeps the last. */

/** @param text valid JSON, and short: it is matched by a regular expression */
export function repeatsName(text: string): boolean {
  const objects: Set<string>[] = [];
  for (const [token, string, colon] of text.matchAll(/[{}]|("(?:[^"\\]|\\.)*"?)\s*(:?)/g)) {
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
