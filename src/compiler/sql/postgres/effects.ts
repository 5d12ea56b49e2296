/**
 * Finds out whether a SELECT does more than read. The server itself tells: the statement becomes the body of a
 * function, whose parts the catalogue then lists.
 */
import type { PostgresServer } from "./server.ts";

/**
 * The volatile functions of pg_catalog without an effect that anybody could miss or see twice. All others have one, also
 * those of later versions: sequences, locks, notices, settings, large objects, signals, and those that run a text as SQL.
 */
const harmless = [
  ..."random random_normal array_sample array_shuffle gen_random_uuid uuidv4 uuidv7".split(" "),
  ..."clock_timestamp timeofday pg_sleep pg_sleep_for pg_sleep_until currval lastval current_query".split(" "),
  ..."pg_relation_size pg_table_size pg_indexes_size pg_total_relation_size pg_database_size".split(" "),
  ..."pg_is_in_recovery lo_get bernoulli system".split(" "),
];

const probe = "pg_temp.sluice_statement";

/**
 * What the probe reaches: functions, operators' and aggregates' functions, SQL functions with a body that was parsed,
 * views, policies of tables, domains' checks. https://www.postgresql.org/docs/current/catalog-pg-depend.html lists all of
 * them but the functions of pg_catalog; those are found by name in the text that the server prints of each part.
 */
const effectsQuery = `
  WITH RECURSIVE reached (class, id) AS (
    SELECT 'pg_proc'::regclass::oid, '${probe}'::regproc::oid
    UNION
    SELECT next.class, next.id FROM reached CROSS JOIN LATERAL (
      SELECT refclassid, refobjid FROM pg_depend
        WHERE classid = reached.class AND objid = reached.id AND refclassid <> 'pg_language'::regclass
      UNION ALL
      SELECT 'pg_rewrite'::regclass, r.oid FROM pg_rewrite r JOIN pg_class c ON c.oid = r.ev_class AND c.relkind = 'v'
        WHERE reached.class = 'pg_class'::regclass AND c.oid = reached.id
      UNION ALL
      SELECT 'pg_policy'::regclass, oid FROM pg_policy
        WHERE reached.class = 'pg_class'::regclass AND polrelid = reached.id
      UNION ALL
      SELECT 'pg_constraint'::regclass, oid FROM pg_constraint
        WHERE reached.class = 'pg_type'::regclass AND contypid = reached.id
    ) AS next (class, id)
  ), printed (sql) AS (
    SELECT CASE class
      WHEN 'pg_proc'::regclass THEN pg_get_function_sqlbody(id)
      WHEN 'pg_rewrite'::regclass THEN pg_get_ruledef(id)
      WHEN 'pg_policy'::regclass THEN (SELECT pg_get_expr(polqual, polrelid) FROM pg_policy WHERE oid = id)
      WHEN 'pg_constraint'::regclass THEN pg_get_constraintdef(id)
    END FROM reached
  )
  SELECT EXISTS (
    SELECT FROM reached JOIN pg_proc p ON class = 'pg_proc'::regclass AND p.oid = id
      WHERE p.provolatile = 'v' AND p.pronamespace <> 'pg_catalog'::regnamespace
  ) OR EXISTS (
    SELECT FROM printed WHERE sql ~ '\\mFOR ((NO KEY )?UPDATE|(KEY )?SHARE)\\M'
  ) OR EXISTS (
    SELECT FROM printed JOIN pg_proc p ON sql ~ ('\\m' || p.proname || '\\(')
      WHERE p.provolatile = 'v' AND p.pronamespace = 'pg_catalog'::regnamespace
        AND p.proname <> ALL ('{${harmless.join(",")}}'::name[])
  ) AS has_effects`;

/**
 * True where the statement calls, wherever that stands, a function that is volatile and not PostgreSQL's own, or one of
 * PostgreSQL's with an effect; and where it locks rows, which is of use only until the transaction ends. A function that
 * is declared STABLE or IMMUTABLE is believed, unless its parsed body says otherwise.
 * @param parameters names of its placeholders' types
 */
export async function hasEffects(server: PostgresServer, sql: string, parameters: readonly string[]): Promise<boolean> {
  try {
    await server.run(
      `BEGIN; CREATE FUNCTION ${probe} (${parameters.join(", ")}) RETURNS void LANGUAGE sql STABLE BEGIN ATOMIC ${sql}\n; END`,
    );
    const [row] = await server.run(effectsQuery);
    return row?.["has_effects"] !== false;
  } catch {
    // What cannot be looked into is kept with the writes, where it does no harm.
    return true;
  } finally {
    await server.run("ROLLBACK");
  }
}
