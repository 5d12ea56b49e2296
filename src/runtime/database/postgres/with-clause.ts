/**
 * Finds where a statement's WITH clause ends, without parsing the rest: parentheses are counted, and literals, quoted
 * names and comments are skipped. Knows nothing of guards.
 */

/**
 * One token: a comment of a line or of more, a literal with escapes or without, a quoted name, a dollar-quoted literal, a
 * word, or any character. What does not end goes to the end, so that nothing is read twice. The lexical rules:
 * https://www.postgresql.org/docs/current/sql-syntax-lexical.html. Nested comments are not handled; the compiler's
 * statements have none.
 */
const TOKEN =
  /--[^\n]*|\/\*[^]*?(?:\*\/|$)|\b[eE]'(?:[^'\\]|''|\\[^])*(?:'|$)|'(?:[^']|'')*(?:'|$)|"(?:[^"]|"")*(?:"|$)|\$(?<tag>(?:[A-Za-z_]\w*)?)\$[^]*?(?:\$\k<tag>\$|$)|[A-Za-z_][\w$]*|[^]/g;

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
  let depth = 0;
  let previous = "";
  for (const { 0: token, index } of sql.matchAll(TOKEN)) {
    if (/^(?:\s|--|\/\*)/.test(token)) continue;
    if (previous === "" && !/^WITH$/i.test(token)) return { clause: "", main: sql };
    // A name may be such a word (`WITH values AS …`). A parenthesis right behind one belongs to no name.
    const begins = MAIN.test(token) ? !BEFORE_NAME.test(previous) : token === "(" && previous === ")";
    if (depth === 0 && begins) return { clause: sql.slice(0, index).trimEnd(), main: sql.slice(index) };
    if (token === "(") depth += 1;
    if (token === ")") depth -= 1;
    previous = token;
  }
  throw new Error("A WITH clause has no statement behind it");
}
