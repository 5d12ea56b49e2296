/**
 * What the user's migrations may name, and in which order they and the runtime's make a database. The runtime's tables are
 * changed by the next version of the runtime, so nothing of the user's may depend on them.
 */
import { onD1, runtimeSchema } from "../../contract/tables.ts";
import type { Migration } from "../sql/target.ts";
import { MigrationError } from "../sql/target.ts";
import { filesView, type ViewSql } from "./files-view.ts";
import { readWords, type Word } from "./words.ts";

/** Words that SQLite lets a text in quotes follow as a name. */
const beforeNames = new Set("table into from update join on to exists references view index".split(" "));

/** The statement's words before this one. */
function wordsBefore(words: readonly Word[], index: number): readonly Word[] {
  return words.slice(words.findLastIndex(({ text }, at) => at < index && text === ";") + 1, index);
}

/** The schema itself, and not a role of its name: to be changed, dropped, or searched before the user's own. */
function namesSchema(words: readonly Word[], index: number): boolean {
  const { text, held } = words[index] ?? { text: "", held: "" };
  const isSchema = text === runtimeSchema;
  if (!isSchema && !held.split(/\W+/).includes(runtimeSchema)) return false;
  const before = wordsBefore(words, index);
  if (before.some((word) => word.text === "search_path" || word.held === "search_path")) return true;
  const isDropped = before[0]?.text === "drop" && before[1]?.text === "schema";
  return isSchema && (isDropped || before.at(-1)?.text === "schema");
}

/** The name of the runtime's that stands here; null where none does. */
function runtimeNameAt(words: readonly Word[], index: number): string | null {
  const { text, held } = words[index] ?? { text: "", held: "" };
  const before = words[index - 1]?.text ?? "";
  const [sign, member] = [words[index + 1]?.text, words[index + 2]?.text];
  if (text === runtimeSchema && sign === ".") return `${text}.${member ?? ""}`;
  if (namesSchema(words, index)) return `schema ${runtimeSchema}`;
  if (text.startsWith(onD1(""))) return text;
  return held.startsWith(onD1("")) && beforeNames.has(before) ? held : null;
}

/** `CREATE INDEX … ON documents`: a filter of `mongo_query` needs one of the user's own. */
function isDocumentIndex(words: readonly Word[], index: number, name: string): boolean {
  const isDocuments = name === onD1("documents") || name === `${runtimeSchema}.documents`;
  const verb = wordsBefore(words, index)
    .slice(0, 3)
    .map(({ text }) => text)
    .join(" ");
  return isDocuments && words[index - 1]?.text === "on" && /^create (?:unique )?index\b/.test(verb);
}

/** Refuses a file that names the runtime's tables. @throws MigrationError with file and line */
export function checkUserMigration({ name, sql }: Migration): void {
  const words = readWords(sql);
  for (const [index, { line }] of words.entries()) {
    const found = runtimeNameAt(words, index);
    if (found === null || isDocumentIndex(words, index, found)) continue;
    const remedy = "expected tables of your own; files can be read in the view files";
    throw new MigrationError(name, line, `names ${found}, which is the runtime's own: ${remedy}`);
  }
}

const modifiers: ReadonlySet<string> = new Set("or replace unlogged materialized recursive virtual foreign".split(" "));
const takesFiles =
  /(?:^|; )create (?:table|view) (?:if not exists )?(?:(?:public|main) \. )?files (?!\.)|rename to files(?: |$)/;

/** Makes a table or a view where the view `files` stands. */
function takesName(sql: string): boolean {
  const words = readWords(sql).map(({ text }) => text);
  return takesFiles.test(words.filter((word) => !modifiers.has(word)).join(" "));
}

/** The user's files; the first that takes the name begins with taking the view away. */
export function withoutView<File extends Migration>(files: readonly File[], view: ViewSql): File[] {
  const first = files.findIndex(({ sql }) => takesName(sql));
  // On one line, so that the lines of errors stay what they are.
  return files.map((file, index) => (index === first ? { ...file, sql: `${view.drop}; ${file.sql}` } : file));
}

/** All that makes a new database, in order. @throws MigrationError where a file names the runtime's tables */
export function arrangeMigrations(
  runtime: readonly Migration[],
  user: readonly Migration[],
  view: ViewSql,
): readonly Migration[] {
  for (const file of user) checkUserMigration(file);
  const making = { name: `the view ${filesView}`, sql: view.make };
  return [...runtime, making, ...withoutView(user, view), making];
}
