/**
 * The view `files`, in which ABIs read the runtime's table of that name. It is there wherever the user has no table or view
 * called so, and nobody can write through it.
 */
import { onD1, onPostgres } from "../../contract/tables.ts";

export const filesView = "files";

export interface ViewSql {
  /** Makes it, or brings its columns up to date, where nothing of the user's has the name. */
  readonly make: string;
  readonly drop: string;
  /** One row of `own`, true where the view is this one; none where nothing has the name. */
  readonly find: string;
}

const source = onPostgres(filesView);
/** No other view reads that table: the user's migrations may not. */
const find = `
  SELECT EXISTS (
    SELECT FROM pg_catalog.pg_rewrite r JOIN pg_catalog.pg_depend d ON d.classid = 'pg_rewrite'::regclass AND d.objid = r.oid
    WHERE r.ev_class = c.oid AND d.refobjid = to_regclass('${source}')
  ) AS own FROM pg_catalog.pg_class c WHERE c.oid = to_regclass('public.${filesView}')`;

/** SQLite reads the columns anew at each use, and takes no writes through a view. */
export const viewOnSqlite: ViewSql = {
  make: `CREATE VIEW IF NOT EXISTS ${filesView} AS SELECT * FROM ${onD1(filesView)}`,
  drop: `DROP VIEW ${filesView}`,
  find: `SELECT type = 'view' AND sql LIKE '%FROM ${onD1(filesView)}' AS own FROM sqlite_schema WHERE lower(name) = '${filesView}'`,
};

/** PostgreSQL would write through a view of one table: the second part, which plans never hold, forbids it. */
export const viewOnPostgres: ViewSql = {
  make: `DO $$ BEGIN
    IF coalesce((${find}), true) THEN
      CREATE OR REPLACE VIEW public.${filesView} AS SELECT files.* FROM ${source} CROSS JOIN (SELECT) AS read_only;
    END IF;
  END $$`,
  drop: `DROP VIEW public.${filesView}`,
  find,
};
