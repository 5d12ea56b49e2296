/** Makes what drizzle-kit writes pleasant to read: no quotes that a name does not need. Changes no meaning. */

/** Words that neither database takes for a name without quotes. */
const reserved: ReadonlySet<string> = new Set(
  (
    "all analyse analyze and any array as asc both case cast check collate column constraint create default desc " +
    "distinct do else end except false for foreign from grant group having in index initially intersect into join " +
    "leading limit not null offset on only or order placing primary references returning select set table then to " +
    "trailing transaction true union unique update user using values when where window with"
  ).split(" "),
);

const plainName = (name: string): string => (/^[a-z_]\w*$/.test(name) && !reserved.has(name) ? name : `"${name}"`);

/** The sequence that PostgreSQL makes anyway. */
const defaultSequence =
  / \(sequence name \S+ INCREMENT BY 1 MINVALUE 1 MAXVALUE 9223372036854775807 START WITH 1 CACHE 1\)/;

function tidyCode(code: string): string {
  return (
    code
      // A table's name before its own column, in a condition on that table alone.
      .replaceAll(/"\w+"\."(\w+)"/g, '"$1"')
      .replaceAll(/[`"]([^`"]+)[`"]/g, (_, name: string) => plainName(name))
      .replace(defaultSequence, "")
      .replaceAll("\t", "  ")
      .replaceAll(" USING btree ", " ")
      .replaceAll(/,(?=[^\s'])/g, ", ")
      .replaceAll(/\b(CHECK|UNIQUE|PRIMARY KEY) ?\(/g, "$1 (")
      .replaceAll("timestamp(3) with time zone", "timestamptz(3)")
      .replaceAll(" is not null", " IS NOT NULL")
  );
}

export function tidyStatement(statement: string): string {
  // Every other part is a text in quotes.
  const parts = statement.split(/('(?:[^']|'')*')/);
  const text = parts
    .map((part, index) => (index % 2 === 0 ? tidyCode(part) : part))
    .join("")
    .trim();
  return text.endsWith(";") ? text : `${text};`;
}
