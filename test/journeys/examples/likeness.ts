/** Whether an answer is the one that a page shows, where "…" stands for what differs from call to call. */

/** @returns the first place that differs, as a sentence; null where none does */
export function difference(shown: unknown, found: unknown, place = ""): string | null {
  if (typeof shown === "string" && typeof found === "string")
    return fits(shown, found) ? null : told(place, shown, found);
  if (!isRecord(shown) || !isRecord(found)) return Object.is(shown, found) ? null : told(place, shown, found);
  const names = new Set([...Object.keys(shown), ...Object.keys(found)]);
  for (const name of names) {
    const inside = difference(shown[name], found[name], `${place}/${name}`);
    if (inside !== null) return inside;
  }
  return null;
}

/** Text with "…" in it shows only what stands before, between and behind. */
function fits(shown: string, found: string): boolean {
  const [first = "", ...rest] = shown.split("…");
  const last = rest.pop();
  if (last === undefined) return shown === found;
  if (!found.startsWith(first)) return false;
  let from = first.length;
  for (const piece of rest) {
    const at = found.indexOf(piece, from);
    if (at < 0) return false;
    from = at + piece.length;
  }
  return found.length - last.length >= from && found.endsWith(last);
}

/** Arrays are objects whose names are numbers. */
const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === "object" && value !== null;

const told = (place: string, shown: unknown, found: unknown): string =>
  `${place === "" ? "/" : place}: shown ${JSON.stringify(shown)}, found ${JSON.stringify(found)}`;
