/**
 * The Drizzle schemas of both databases as drizzle-kit's snapshots, and the SQL between two of them. Knows nothing of
 * files and of databases that run.
 */
import { getTableColumns, getTableName, is, Table, type Column } from "drizzle-orm";
import {
  generateDrizzleJson,
  generateMigration,
  generateSQLiteDrizzleJson,
  generateSQLiteMigration,
  type DrizzleSnapshotJSON,
  type DrizzleSQLiteSnapshotJSON,
} from "drizzle-kit/api";
import * as d1Bare from "../../src/database/d1/bare-schema.ts";
import * as d1 from "../../src/database/d1/schema.ts";
import * as postgresBare from "../../src/database/postgres/bare-schema.ts";
import * as postgres from "../../src/database/postgres/schema.ts";
import { tidyStatement } from "./tidy-statement.ts";

/** One database's schema; names of exports play no part. */
type Schema = Readonly<Record<string, unknown>>;

export interface SchemaKind {
  /** Below migrations/. */
  readonly folder: "d1" | "postgres";
  /** The runtime's own tables by name. */
  readonly tables: ReadonlyMap<string, Table>;
  /** The schema as JSON for `meta/snapshot.json`. */
  snapshot(tables: ReadonlyMap<string, Table>): Promise<string>;
  /** Statements that lead from one snapshot to another; null = from nothing. */
  difference(from: string | null, to: string): Promise<readonly string[]>;
}

function tablesOf(...schemas: readonly Schema[]): ReadonlyMap<string, Table> {
  const exports = schemas.flatMap((schema): unknown[] => Object.values(schema));
  const tables = exports.filter((value): value is Table => is(value, Table));
  return new Map(tables.map((table) => [getTableName(table), table]));
}

/** What a snapshot says of one table's checks. */
interface SnapshotTable {
  readonly name: string;
  readonly checkConstraints: Record<string, { name: string; value: string }>;
}

/** A column with a list of values gets a constraint that says so, which drizzle-kit leaves out. */
function addChecks(snapshot: { readonly tables: object }, tables: ReadonlyMap<string, Table>): void {
  for (const table of Object.values(snapshot.tables) as SnapshotTable[]) {
    const source = tables.get(table.name);
    const columns: Readonly<Record<string, Column>> = source === undefined ? {} : getTableColumns(source);
    for (const [column, { enumValues }] of Object.entries(columns)) {
      if (enumValues === undefined) continue;
      const name = `${table.name}_${column}_check`;
      const values = enumValues.map((value) => `'${value}'`).join(", ");
      table.checkConstraints[name] = { name, value: `"${column}" IN (${values})` };
    }
  }
}

/** Identifiers of snapshots are random: the file would differ each time. */
const fixed = { id: "00000000-0000-0000-0000-000000000000", prevId: "00000000-0000-0000-0000-000000000000" };

const print = (snapshot: object): string => `${JSON.stringify({ ...snapshot, ...fixed }, null, 2)}\n`;

export const schemaKinds: readonly SchemaKind[] = [
  {
    folder: "d1",
    tables: tablesOf(d1, d1Bare),
    async snapshot(tables) {
      const snapshot = await generateSQLiteDrizzleJson(Object.fromEntries(tables));
      addChecks(snapshot, tables);
      return print(snapshot);
    },
    async difference(from, to) {
      const before =
        from === null ? await generateSQLiteDrizzleJson({}) : (JSON.parse(from) as DrizzleSQLiteSnapshotJSON);
      const statements = await generateSQLiteMigration(before, JSON.parse(to) as DrizzleSQLiteSnapshotJSON);
      return statements.map(tidyStatement);
    },
  },
  {
    folder: "postgres",
    tables: tablesOf(postgres, postgresBare),
    async snapshot(tables) {
      const snapshot = generateDrizzleJson(Object.fromEntries(tables));
      addChecks(snapshot, tables);
      return print(snapshot);
    },
    async difference(from, to) {
      const before = from === null ? generateDrizzleJson({}) : (JSON.parse(from) as DrizzleSnapshotJSON);
      const statements = await generateMigration(before, JSON.parse(to) as DrizzleSnapshotJSON);
      return statements.map(tidyStatement);
    },
  },
];
