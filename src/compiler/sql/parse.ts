/** Reads one statement with PostgreSQL's own parser, and says what kind of statement it is. */
import { indexOfCharacter, type SqlFault } from "./place.ts";
import { readWords } from "../migrations/words.ts";
import { nearest } from "../text/suggest.ts";
import type { Tree } from "./tree.ts";
import { child, isTree, list, numberOf, rewrite, tagged, visit } from "./tree.ts";

export interface ParsedStatement {
  /** The whole parse result, for printing. */
  readonly result: Tree;
  /** The statement's node with its tag. */
  readonly node: Tree;
  readonly tag: "SelectStmt" | "InsertStmt" | "UpdateStmt" | "DeleteStmt";
  /** It changes rows itself, also in a WITH clause. What it calls may write as well: that only the target knows. */
  readonly writes: boolean;
  /** Numbers of the placeholders it uses, ascending, each once. */
  readonly placeholders: readonly number[];
  /** The author's text; null once the statement was changed. */
  readonly source: string | null;
}

const tags = ["SelectStmt", "InsertStmt", "UpdateStmt", "DeleteStmt"] as const;
/** Nodes that change rows of their `relation`. MERGE may stand in a WITH clause. */
export const writingTags: ReadonlySet<string> = new Set(["InsertStmt", "UpdateStmt", "DeleteStmt", "MergeStmt"]);

/** `CreateStmt` → `CREATE`: the first word of the statement for a message. */
function verbOf(source: string): string {
  return /[A-Za-z]+/.exec(source)?.[0].toUpperCase() ?? "this";
}

function parserFault(error: unknown, source: string): SqlFault {
  const mark = readWords(source).find(({ text }) => text === "?");
  if (mark !== undefined) {
    return { message: "? is no placeholder; expected $1, $2, … in the order of parameters", index: mark.at };
  }
  const message = `cannot be parsed: ${error instanceof Error ? error.message : String(error)}`;
  const details: unknown = isTree(error) ? error["sqlDetails"] : null;
  if (!isTree(details)) return { message };
  const index = indexOfCharacter(source, numberOf(details, "cursorPosition"));
  return { message: message + misspelt(source, index), index };
}

const keywords = "SELECT INSERT UPDATE DELETE FROM WHERE VALUES INTO SET RETURNING ORDER GROUP BY LIMIT JOIN".split(
  " ",
);

/** The parser stops at the word that does not fit, or behind one that it took for a name. */
function misspelt(source: string, index: number): string {
  const words = readWords(source).filter(({ text }) => /^\w{4,}$/.test(text));
  const at = words.findLastIndex((word) => word.at <= index);
  const near = [words[at], words[at - 1]].flatMap((word) => {
    const upper = word?.text.toUpperCase() ?? "";
    return keywords.includes(upper) ? [] : (nearest(upper, keywords) ?? []);
  });
  return near[0] === undefined ? "" : `. Did you mean "${near[0]}"?`;
}

/** Numbers of the placeholders at or under a node, ascending, each once. */
export function placeholdersOf(node: unknown): number[] {
  const found = new Set<number>();
  for (const [tag, inner] of visit(node)) if (tag === "ParamRef") found.add(numberOf(inner, "number"));
  return [...found].sort((a, b) => a - b);
}

/** A value that stands in the text itself, as it would where texts are put together. */
const spliced = /\$(?:PROTECTED|PAYLOAD|ENV|HEADER|GENERATOR|DATETIME)\b[\w.-]*|\$\{\w+(?:\.\w+)*\}/;

/** The statement, or why it is not one that an ABI may hold. Loads the parser (wasm) at the first call. */
export async function parseStatement(source: string): Promise<ParsedStatement | SqlFault> {
  const found = spliced.exec(source);
  if (found !== null) {
    const [value] = found;
    const accessor = value.startsWith("${") ? `$PAYLOAD.${value.slice(2, -1)}` : value;
    const remedy = `write $1 in place of ${value}, and ${accessor} into "parameters"`;
    return { message: `values are only ever bound: ${remedy}`, index: found.index };
  }
  const { parse } = await import("pgsql-parser");
  let result: unknown;
  try {
    result = await parse(source);
  } catch (error) {
    return parserFault(error, source);
  }
  const statements = isTree(result) ? list(result, "stmts") : [];
  const first = statements[0];
  if (!isTree(result) || !isTree(first)) return { message: "expected one SQL statement, found none" };
  if (statements.length > 1) return { message: `expected one SQL statement, found ${String(statements.length)}` };
  const node = first["stmt"];
  const tag = tags.find((known) => tagged(node, known) !== null);
  if (!isTree(node) || tag === undefined) {
    const message = `expected SELECT, INSERT, UPDATE or DELETE: ${verbOf(source)} statements do not belong into an ABI`;
    return { message };
  }
  if (child(tagged(node, "SelectStmt"), "intoClause") !== null)
    return { message: "SELECT INTO does not belong into an ABI" };
  const writes = [...visit(node)].some(([inner]) => writingTags.has(inner));
  return { result, node, tag, writes, placeholders: placeholdersOf(node), source };
}

/** The same statement with another node, of which `body` is the inside. */
export function withNode(
  { result, writes }: ParsedStatement,
  tag: ParsedStatement["tag"],
  body: Tree,
): ParsedStatement {
  const node = { [tag]: body };
  const changed = { ...result, stmts: [{ stmt: node }] };
  return { result: changed, node, tag, writes, placeholders: placeholdersOf(node), source: null };
}

/** The same with placeholders 1, 2, …, and for each of them the number that it had. */
export function withOwnPlaceholders(statement: ParsedStatement): {
  readonly statement: ParsedStatement;
  readonly placeholders: readonly number[];
} {
  const { node, tag, placeholders } = statement;
  const renumbered = rewrite(node, (inner, members) => {
    if (inner !== "ParamRef") return null;
    return { ParamRef: { number: placeholders.indexOf(numberOf(members, "number")) + 1 } };
  });
  return { statement: withNode(statement, tag, tagged(renumbered, tag) ?? {}), placeholders };
}
