/**
 * PostgreSQL as a target, behind Neon or Hyperdrive: statements stay what they are, and a throw-away server prepares
 * them and tells the types of their values.
 */
import { onPostgres } from "../../../contract/tables.ts";
import { postgresDocuments } from "../../documents/dialect.ts";
import { filesView, viewOnPostgres } from "../../migrations/files-view.ts";
import { hasEffects } from "./effects.ts";
import { postgresMustFind, postgresMustFindNothing, postgresRows } from "./guard.ts";
import type { Description, PostgresServer, TextRow } from "./server.ts";
import { startPostgresServer } from "./server.ts";
import { lineOfError, refusedLineOnPostgres } from "./refusal-line.ts";
import type { PostgresType, PostgresTypes } from "./types.ts";
import { columnTypeOf, parameterTypeOf, readTypes, typesQuery } from "./types.ts";
import { printPostgres } from "./print.ts";
import type {
  Migration,
  Prepared,
  Refusal,
  SqlDatabase,
  SqlTarget,
  TableColumn,
  Tables,
  UniqueKeys,
} from "../target.ts";
import { MigrationError, unprintable } from "../target.ts";
import { indexOfCharacter, wordAt } from "../place.ts";
import { didYouMean } from "../../text/suggest.ts";

/** A view does not tell which of its columns are never null: where `files` is the runtime's, its table does. */
const columnsQuery = (hasFilesView: boolean): string => `
  SELECT c.relname::text AS table, a.attname::text AS name, a.atttypid::text AS type, a.attnotnull::text AS never_null
  FROM pg_catalog.pg_attribute a JOIN pg_catalog.pg_class c ON c.oid = a.attrelid
  WHERE c.relkind IN ('r', 'p', 'v', 'm', 'f') AND a.attnum > 0 AND NOT a.attisdropped AND CASE
    WHEN ${String(hasFilesView)} AND c.relname = '${filesView}' THEN c.oid = to_regclass('${onPostgres(filesView)}')
    ELSE c.relnamespace = 'public'::regnamespace END
  ORDER BY c.relname, a.attnum`;

const unknownType: PostgresType = { name: "unknown", kind: "unknown", isList: false, isRow: false };

const typeOf = (types: PostgresTypes, number: number): PostgresType => types.get(number) ?? unknownType;

function describeColumn(row: TextRow, types: PostgresTypes): TableColumn {
  const { kind, name } = typeOf(types, Number(row["type"]));
  return {
    name: String(row["name"]),
    kind,
    neverNull: row["never_null"] === "true",
    momentFault: kind === "timestamp" ? null : `is ${name}; expected timestamptz`,
  };
}

async function readTables(server: PostgresServer, types: PostgresTypes, hasFilesView: boolean): Promise<Tables> {
  const tables = new Map<string, TableColumn[]>();
  for (const row of await server.run(columnsQuery(hasFilesView))) {
    const table = String(row["table"]).toLowerCase();
    const columns = tables.get(table) ?? [];
    columns.push(describeColumn(row, types));
    tables.set(table, columns);
  }
  return tables;
}

/** Unique indexes of whole tables and plain columns; those that an index only carries along are no part of its key. */
const keysQuery = `
  SELECT c.relname::text AS table, string_agg(a.attname::text, chr(10)) AS columns
  FROM pg_catalog.pg_index i JOIN pg_catalog.pg_class c ON c.oid = i.indrelid
    JOIN pg_catalog.pg_attribute a
      ON a.attrelid = c.oid AND a.attnum = ANY ((i.indkey::int2[])[0:i.indnkeyatts - 1])
  WHERE i.indisunique AND i.indpred IS NULL AND i.indexprs IS NULL AND c.relnamespace = 'public'::regnamespace
  GROUP BY c.relname, i.indexrelid`;

async function readKeys(server: PostgresServer): Promise<UniqueKeys> {
  const rows = await server.run(keysQuery);
  const keys = Map.groupBy(rows, (row) => String(row["table"]).toLowerCase());
  return new Map([...keys].map(([table, some]) => [table, some.map((row) => String(row["columns"]).split("\n"))]));
}

function advise({ message }: Error, code: unknown, tables: Tables): string {
  // https://www.postgresql.org/docs/current/errcodes-appendix.html
  if (code === "42P01") {
    const table = /relation "(?:\w+\.)?([^"]+)"/.exec(message)?.[1];
    return table === undefined ? "" : didYouMean(table, tables.keys());
  }
  if (code === "42703") {
    const column = /column "?(?:\w+\.)?(\w+)"?/.exec(message)?.[1];
    const known = new Set([...tables.values()].flat().map(({ name }) => name));
    return column === undefined ? "" : didYouMean(column, known);
  }
  return code === "42P18" ? ": write its type, such as $1::text" : "";
}

/** What the server adds to its message. A hint that names something knows better than the nearest name. */
function explain(error: unknown, sql: string, tables: Tables): Refusal {
  if (!(error instanceof Error)) return { message: String(error), word: null };
  const told = error as Error & Readonly<Record<string, unknown>>;
  const { detail, hint, code, position } = told;
  const more = Object.entries({ DETAIL: detail, HINT: hint }).flatMap(([name, text]) =>
    typeof text === "string" && text !== "" ? [`. ${name}: ${text.replace(/\.$/, "")}`] : [],
  );
  const advice = typeof hint === "string" && hint.includes('"') ? "" : advise(error, code, tables);
  const at = Number(position);
  return {
    message: error.message + advice + more.join(""),
    word: at > 0 ? wordAt(sql, indexOfCharacter(sql, at - 1)) : null,
  };
}

function describe({ parameters, columns }: Description, types: PostgresTypes): Prepared {
  const bound = parameters
    .map((number) => typeOf(types, number))
    .flatMap(({ isList, isRow, name }, index) => {
      const placeholder = `$${String(index + 1)}`;
      const remedy = `bind JSON, such as IN (SELECT jsonb_array_elements_text(${placeholder}::jsonb))`;
      return isList || isRow ? [`${placeholder} is of the type ${name}, which cannot be bound: ${remedy}`] : [];
    });
  const returned = columns.flatMap((column) => {
    const { isRow, name } = typeOf(types, column.type);
    return isRow ? [`returns "${column.name}" as ${name}, which is no JSON: answer to_jsonb(…)`] : [];
  });
  return {
    columns: columns.map(({ name, type }) => {
      const { kind } = typeOf(types, type);
      return { name, kind, type: columnTypeOf(kind) };
    }),
    parameters: parameters.map((type) => parameterTypeOf(typeOf(types, type).kind)),
    faults: [...bound, ...returned],
  };
}

/** The plan for values that are not known yet, of a planner that reads a whole table only where nothing else is left. */
async function readsWholeTable(server: PostgresServer, sql: string): Promise<boolean> {
  const { parameters } = await server.describe(sql);
  const values = parameters.map(() => "NULL").join(", ");
  const rows = await server.run(
    `SET enable_seqscan = off; SET plan_cache_mode = force_generic_plan; PREPARE checked AS ${sql};
     EXPLAIN EXECUTE checked${values === "" ? "" : ` (${values})`}`,
  );
  await server.run("DEALLOCATE checked");
  return rows.some((row) => Object.values(row).some((line) => String(line).includes("Seq Scan")));
}

/** The first version that parses the body of a function when it is made, which `hasEffects` needs. */
const minVersion = 14;

async function checkVersion(server: PostgresServer): Promise<void> {
  const [row] = await server.run("SELECT current_setting('server_version_num') AS version");
  const version = Math.floor(Number(row?.["version"]) / 10_000);
  if (version >= minVersion) return;
  throw new Error(
    `This machine's PostgreSQL ${String(version)} is too old to compile with; expected ${String(minVersion)}`,
  );
}

async function openPostgres(server: PostgresServer, migrations: readonly Migration[]): Promise<SqlDatabase> {
  await checkVersion(server);
  // Not first in the schema that is called like the role, which is the runtime's.
  await server.run("SET search_path = public");
  for (const { name, sql } of migrations) {
    try {
      await server.run(sql);
    } catch (error) {
      const line = lineOfError(error, sql) ?? (await refusedLineOnPostgres(server, sql).catch(() => null));
      throw new MigrationError(name, line, error);
    }
  }
  const types = readTypes(await server.run(typesQuery));
  const [view] = await server.run(viewOnPostgres.find);
  const hasFilesView = view?.["own"] === true;
  const tables = await readTables(server, types, hasFilesView);
  return {
    tables,
    keys: await readKeys(server),
    hasFilesView,
    async translate(statement) {
      const sql = await printPostgres(statement);
      return { sql: sql ?? "", refusals: sql === null ? [unprintable] : [], warnings: [] };
    },
    async prepare(sql) {
      try {
        return describe(await server.describe(sql), types);
      } catch (error) {
        return explain(error, sql, tables);
      }
    },
    async hasEffects(sql) {
      const { parameters } = await server.describe(sql);
      return hasEffects(
        server,
        sql,
        parameters.map((number) => typeOf(types, number).name),
      );
    },
    scans: (sql) => readsWholeTable(server, sql),
    close: () => server.stop(),
  };
}

/** @param start for tests, which share one server */
export function createPostgresTarget(start: () => Promise<PostgresServer> = startPostgresServer): SqlTarget {
  return {
    name: "PostgreSQL",
    dialectName: "PostgreSQL",
    isInteractive: true,
    // A message of the protocol counts them in 16 bits.
    maxParameters: 65_535,
    // https://www.postgresql.org/docs/current/limits.html
    maxColumns: 1664,
    needsLocks: true,
    documents: postgresDocuments,
    async mustFind({ sql, parsed }) {
      const guarded = await postgresMustFind(sql, parsed);
      return guarded === null ? null : { sql: guarded, checks: [] };
    },
    async withFiles({ statement, sql }, mustFind, database) {
      // Whoever comes to the same rows at once waits, and finds what is there then.
      const locking = `${sql} FOR UPDATE`;
      const isLockable = statement.tag === "SelectStmt" && !("message" in (await database.prepare(locking, null)));
      const rows = await postgresRows(isLockable ? locking : sql, statement, mustFind);
      return rows === null ? unprintable : { sql: rows };
    },
    mustFindNothing: postgresMustFindNothing,
    async open(migrations) {
      const server = await start();
      try {
        return await openPostgres(server, migrations);
      } catch (error) {
        await server.stop();
        throw error;
      }
    },
  };
}
