/** Compares an answer that a page shows with the one that came: names and kinds of values, not the values. */

/** Members whose values are words of the interface. */
const fixed = new Set(["success", "message", "status", "code", "field_name", "file_type", "type"]);

const kindOf = (value: unknown): string => (value === null ? "null" : Array.isArray(value) ? "list" : typeof value);

/** The places where they differ. */
export function shapeFaults(expected: unknown, found: unknown, place = ""): readonly string[] {
  if (kindOf(expected) !== kindOf(found)) return [`${place}: ${kindOf(expected)} is shown, ${kindOf(found)} came`];
  if (Array.isArray(expected) && Array.isArray(found)) {
    if (expected.length !== found.length) return [`${place}: ${expected.length} are shown, ${found.length} came`];
    return expected.flatMap((item, index) => shapeFaults(item, found[index], `${place}/${String(index)}`));
  }
  if (kindOf(expected) !== "object") {
    const isFixed = fixed.has(place.split("/").at(-1) ?? "");
    return isFixed && expected !== found ? [`${place}: ${String(expected)} is shown, ${String(found)} came`] : [];
  }
  const shown = expected as Readonly<Record<string, unknown>>;
  const came = found as Readonly<Record<string, unknown>>;
  const names = new Set([...Object.keys(shown), ...Object.keys(came)]);
  return [...names].flatMap((name) => {
    if (!(name in shown)) return [`${place}/${name} is not shown`];
    if (!(name in came)) return [`${place}/${name} did not come`];
    return shapeFaults(shown[name], came[name], `${place}/${name}`);
  });
}
