/**
 * Finds where a statement's WITH clause ends, without parsing the rest: parentheses are counted, and literals, quoted
 * names and comments are skipped. Knows nothing of guards.
 */

/**
 * One token. The lexical rules: https://www.postgresql.org/docs/current/sql-syntax-lexical.html. Nested comments are
 * not handled; the compiler's statements have none.
 */
const TOKEN = new RegExp(
  [
    String.raw`--[^\n]*`,
    String.raw`/\*[^]*?\*/`,
    String.raw`\b[eE]'(?:[^'\\]|''|\\[^])*'`,
    "'(?:[^']|'')*'",
    '"(?:[^"]|"")*"',
    String.raw`\$(?<tag>(?:[A-Za-z_]\w*)?)\$[^]*?\$\k<tag>\$`,
    String.raw`[A-Za-z_][\w$]*`,
    "[^]",
  ].join("|"),
  "g",
);

/** The words that begin what a WITH clause stands before. */
const MAIN = /^(?:SELECT|INSERT|UPDATE|DELETE|MERGE|VALUES|TABLE)$/i;

/** What a name in the WITH clause stands behind. */
const BEFORE_NAME = /^(?:WITH|RECURSIVE|,)$/i;

export interface SplitStatement {
  /** `WITH … AS (…)` without a comma at its end; empty when the statement has none. */
  readonly clause: string;
  readonly main: string;
}

/** @throws Error when a WITH clause has no statement behind it */
export function splitWith(sql: string): SplitStatement {
  if (!/^(?:\s|--[^\n]*\n|\/\*[^]*?\*\/)*WITH\b/i.test(sql)) return { clause: "", main: sql };
  let depth = 0;
  let previous = "";
  for (const { 0: token, index } of sql.matchAll(TOKEN)) {
    if (/^(?:\s|--|\/\*)/.test(token)) continue;
    // A name may be such a word (`WITH values AS …`). A parenthesis right behind one belongs to no name.
    const begins = MAIN.test(token) ? !BEFORE_NAME.test(previous) : token === "(" && previous === ")";
    if (depth === 0 && begins) return { clause: sql.slice(0, index).trimEnd(), main: sql.slice(index) };
    if (token === "(") depth += 1;
    if (token === ")") depth -= 1;
    previous = token;
  }
  throw new Error("A WITH clause has no statement behind it");
}
