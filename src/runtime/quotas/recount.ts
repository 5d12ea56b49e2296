/**
 * Compares the counts of quotas with the rows of files, and sets them right: after a quota was declared or changed, for files
 * that were stored before. Quotas of windows are left alone: what was deleted in one has no row any more, and they end.
 */
import { sql } from "drizzle-orm";
import type { DeclaredQuota } from "../../contract/plan/files.ts";
import type { Database } from "../database/database.ts";
import type { Dialect } from "../database/dialect.ts";
import { quoted } from "../database/quoted-names.ts";
import { assign, createStatements, update } from "../database/statements.ts";

export interface Drift {
  readonly name: string;
  readonly counted: { readonly bytes: number; readonly files: number };
  readonly found: { readonly bytes: number; readonly files: number };
}

export interface Recount {
  /** How many stored files of the endpoint do not count for its quota. */
  findUncounted(quota: DeclaredQuota): Promise<number>;
  /** From now on they do, once `settle` has counted them. */
  adopt(quota: DeclaredQuota): Promise<void>;
  findDrift(): Promise<readonly Drift[]>;
  /** Sets all counts to what the rows say, whoever uploads meanwhile. */
  settle(): Promise<void>;
}

const { files, quotas } = quoted;

/** @param locks the engine has several writers at a time, and locks for tables */
export function createRecount(database: Database, dialect: Dialect, locks: boolean): Recount {
  const { read, write, writing } = createStatements(database, dialect);
  const target = ({ name, isPerOwner }: DeclaredQuota) =>
    isPerOwner ? sql`${`${name} `} || ${files.owner}` : sql`${name}`;
  const isUncounted = (quota: DeclaredQuota) => {
    const isStored = sql`${files.endpoint} = ${quota.endpoint} AND ${files.status} NOT IN ('pending', 'gone')`;
    const isElsewhere = sql`(${files.quota} IS DISTINCT FROM ${target(quota)} OR ${files.quota_ends_at} IS NOT NULL)`;
    return sql`${isStored} AND ${isElsewhere} ${quota.isPerOwner ? sql`AND ${files.owner} IS NOT NULL` : sql``}`;
  };
  const counting = sql`${files.quota} IS NOT NULL AND ${files.quota_ends_at} IS NULL AND ${files.status} <> 'gone'`;

  return {
    async findUncounted(quota) {
      const [row] = await read(sql`SELECT count(*) AS total FROM ${files} WHERE ${isUncounted(quota)}`);
      return Number(row?.["total"] ?? 0);
    },
    async adopt(quota) {
      await write(sql`${update(files, { quota: target(quota), quota_ends_at: null })} WHERE ${isUncounted(quota)}`);
    },
    async findDrift() {
      const counted = sql`SELECT name, bytes AS counted_bytes, files AS counted_files, 0 AS found_bytes, 0 AS found_files FROM ${quotas} WHERE ends_at IS NULL`;
      const found = sql`SELECT quota, 0, 0, file_size, 1 FROM ${files} WHERE ${counting}`;
      const sums = sql.raw(columns.map((column) => `sum(${column}) AS ${column}`).join(", "));
      const differs = sql`sum(counted_bytes) <> sum(found_bytes) OR sum(counted_files) <> sum(found_files)`;
      const both = sql`SELECT name, ${sums} FROM (${counted} UNION ALL ${found}) AS each_file`;
      const rows = await read(sql`${both} GROUP BY name HAVING ${differs} ORDER BY name`);
      return rows.map((row) => ({
        name: row["name"] as string,
        counted: { bytes: Number(row["counted_bytes"]), files: Number(row["counted_files"]) },
        found: { bytes: Number(row["found_bytes"]), files: Number(row["found_files"]) },
      }));
    },
    async settle() {
      const counts = sql`SELECT quota, sum(file_size), count(*) FROM ${files} WHERE ${counting} GROUP BY quota`;
      const set = assign({ bytes: sql`excluded.bytes`, files: sql`excluded.files` });
      const named = sql`SELECT quota FROM ${files} WHERE ${counting}`;
      await database.batch([
        ...(locks ? [writing(sql`LOCK TABLE ${quotas} IN SHARE ROW EXCLUSIVE MODE`)] : []),
        writing(sql`INSERT INTO ${quotas} (name, bytes, files) ${counts} ON CONFLICT (name) DO UPDATE SET ${set}`),
        writing(
          sql`${update(quotas, { bytes: 0, files: 0 })} WHERE ${quotas.ends_at} IS NULL AND name NOT IN (${named})`,
        ),
      ]);
    },
  };
}

const columns = ["counted_bytes", "counted_files", "found_bytes", "found_files"];
