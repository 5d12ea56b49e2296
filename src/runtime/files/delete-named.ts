/**
 * `delete_files` of a QUERY's column: the files that the rows of a statement name end in one statement or one batch with it,
 * whoever they belong to.
 */
import { sql } from "drizzle-orm";
import type { NamedFiles } from "../../contract/plan/query.ts";
import { Problem } from "../../contract/problem.ts";
import { excessConstraint } from "../../contract/row-guard.ts";
import type { Row, Rows, Statement } from "../database/database.ts";
import { quoted } from "../database/quoted-names.ts";
import { createStatements, update } from "../database/statements.ts";
import type { ObjectKey } from "../storage/object-key.ts";
import { isRemovable, noteDeletion, type DeletionContext, type DeletionEntry, type RemovedFile } from "./deletion.ts";
import { removal } from "./registry.ts";

/**
 * The entry of the statement whose rows name the files, and of its checks, with the deletion. It fails with Problem
 * `row_rejected` where they name too many.
 */
export function deleteNamed<Entry extends DeletionEntry>(
  named: NamedFiles,
  entry: Entry,
  context: DeletionContext,
): Entry & { readonly explain: (error: unknown) => unknown } {
  const [statement] = entry.statements;
  if (statement === undefined) throw new Error("No statement names files");
  const { rows, maxKeys, step } = named;
  const parameters =
    rows === undefined ? statement.parameters : rows.parameters.flatMap((index) => statement.parameters[index] ?? []);
  const parts = partsOf(named, parameters, context);
  const { statements, read } =
    rows === undefined ? inOneStatement(entry.statements, statement, parts) : inOneBatch(rows, entry.statements, parts);
  return {
    ...entry,
    statements,
    settle(results) {
      const { given, removed } = read(results);
      entry.settle(given);
      noteDeletion(step, namesIn(given[0] ?? [], named), removed, context);
    },
    explain(error) {
      if (!(error instanceof Problem && error.message.includes(excessConstraint))) return error;
      const detail = `The statement names more than ${maxKeys} files; at most ${maxKeys} can be deleted in one call.`;
      return new Problem("row_rejected", { reason: error.message, cause: error, detail, members: { limit: maxKeys } });
    },
  };
}

interface Parts {
  readonly removing: Statement;
  readonly limiting: Statement;
}

interface Taken {
  readonly statements: readonly Statement[];
  /** Takes the results apart: those of the statements that were given, and the files that are gone. */
  readonly read: (results: Rows) => { readonly given: Rows; readonly removed: readonly RemovedFile[] };
}

const { files, row_guard: guard } = quoted;

/** What follows the beginning that knows `sluice_rows` and binds the parameters. */
function partsOf(
  { column, maxKeys }: NamedFiles,
  parameters: Statement["parameters"],
  { call, scope }: DeletionContext,
): Parts {
  const { database, dialect } = call.deployment;
  const { writing } = createStatements(database, dialect);
  const now = scope.now.toISOString();
  const name = sql.identifier(column);
  const isNamed = sql`${files.storage_key} IN (SELECT CAST(${name} AS text) FROM sluice_rows)`;
  const removing = sql`${update(files, removal(now))} WHERE ${isNamed} AND ${isRemovable}`;
  const most = sql.raw(String(maxKeys));
  const some = sql`SELECT 1 FROM sluice_rows WHERE ${name} IS NOT NULL LIMIT ${most} + 1`;
  const isExcess = sql`(SELECT count(*) FROM (${some}) AS some_rows) > ${most}`;
  return {
    removing: writing(sql`${removing} RETURNING ${files.storage_key}, ${files.owner}`, parameters),
    limiting: writing(sql`INSERT INTO ${guard} (found, excess) SELECT 1, 1 WHERE ${isExcess}`, parameters),
  };
}

const member = "sluice_removed";

/** The statement, its checks and its files are parts of one statement, which sees one state of all tables. */
function inOneStatement(statements: readonly Statement[], statement: Statement, { removing, limiting }: Parts): Taken {
  const removed = `(SELECT json_object_agg(storage_key, owner) FROM ${member})`;
  const reading = `SELECT *, CASE WHEN row_number() OVER () = 1 THEN ${removed} END AS ${member} FROM sluice_rows`;
  const text = `${statement.sql}, ${member} AS (${removing.sql}), sluice_excess AS (${limiting.sql}) ${reading}`;
  return {
    statements: [{ ...statement, sql: text, parameters: removing.parameters }, ...statements.slice(1)],
    read([rows = [], ...checks]) {
      const owners = (rows[0]?.[member] ?? {}) as Readonly<Record<string, string | null>>;
      const own = rows.map((row) => Object.fromEntries(Object.entries(row).filter(([name]) => name !== member)));
      const files = Object.entries(owners).map(([key, owner]) => ({ key: key as ObjectKey, owner }));
      return { given: [own, ...checks], removed: files };
    },
  };
}

/** The batch finds the rows once more for their files, and nothing comes between. */
function inOneBatch(
  { sql: beginning, when }: NonNullable<NamedFiles["rows"]>,
  statements: readonly Statement[],
  { removing, limiting }: Parts,
): Taken {
  const own = [limiting, removing].map((part) => ({ ...part, sql: `${beginning} ${part.sql}` }));
  const isBefore = when === "before";
  return {
    statements: isBefore ? [...own, ...statements] : [...statements, ...own],
    read(results) {
      const removed = results[isBefore ? 1 : results.length - 1] ?? [];
      return {
        given: isBefore ? results.slice(own.length) : results.slice(0, -own.length),
        removed: removed.map((row) => ({ key: row["storage_key"] as ObjectKey, owner: row["owner"] as string | null })),
      };
    },
  };
}

/** Each once. What is no text is no key either, and is named by its JSON. */
function namesIn(rows: readonly Row[], { column }: NamedFiles): ReadonlySet<string> {
  const values = rows.map((row) => row[column] ?? null).filter((value) => value !== null);
  return new Set(values.map((value) => (typeof value === "string" ? value : JSON.stringify(value))));
}
