/** Which SELECTs are writes on PostgreSQL: those that call something which writes, wherever the call hides. */
import { afterAll, expect, test } from "vitest";
import { openTarget } from "../../../../../src/compiler/sql/open-target.ts";
import { createPostgresTarget } from "../../../../../src/compiler/sql/postgres/target.ts";
import { readMigrations } from "../../../../../src/cli/project.ts";
import { createQueryAnalyser } from "../../../../../src/compiler/sql/query.ts";
import { abi, asQuery, compile, messagesOf, query, root } from "../../support.ts";

const migrations = [
  ...readMigrations(root, "postgres"),
  {
    name: "contracts.sql",
    sql: `
      CREATE SEQUENCE numbers;
      CREATE TABLE contracts (id text PRIMARY KEY NOT NULL, number integer DEFAULT 0 NOT NULL);
      CREATE FUNCTION contract_create (id text) RETURNS text LANGUAGE plpgsql AS
        $$ BEGIN INSERT INTO contracts (id) VALUES (id); RETURN id; END $$;
      CREATE FUNCTION contract_names () RETURNS SETOF text LANGUAGE plpgsql AS
        $$ BEGIN RETURN QUERY DELETE FROM contracts RETURNING id; END $$;
      CREATE FUNCTION contract_count () RETURNS bigint LANGUAGE sql STABLE AS 'SELECT count(*) FROM contracts';
      CREATE FUNCTION double (n integer) RETURNS integer LANGUAGE sql IMMUTABLE AS 'SELECT 2 * n';
      CREATE FUNCTION said_to_be_stable () RETURNS text LANGUAGE sql STABLE AS $$ SELECT contract_create('a') $$;
      CREATE FUNCTION seen_to_write () RETURNS text LANGUAGE sql STABLE BEGIN ATOMIC SELECT contract_create('a'); END;
      CREATE FUNCTION with_default (a text DEFAULT contract_create('a')) RETURNS text LANGUAGE sql STABLE AS 'SELECT a';
      CREATE FUNCTION state (a text, b text) RETURNS text LANGUAGE plpgsql AS $$ BEGIN RETURN contract_create(b); END $$;
      CREATE AGGREGATE create_all (text) (SFUNC = state, STYPE = text);
      CREATE FUNCTION joined (a text, b integer) RETURNS text LANGUAGE plpgsql AS $$ BEGIN RETURN contract_create(a); END $$;
      CREATE OPERATOR ## (FUNCTION = joined, LEFTARG = text, RIGHTARG = integer);
      CREATE TYPE pair AS (a text, b text);
      CREATE FUNCTION to_pair (a text) RETURNS pair LANGUAGE plpgsql AS $$ BEGIN RETURN (contract_create(a), a); END $$;
      CREATE CAST (text AS pair) WITH FUNCTION to_pair (text);
      CREATE DOMAIN signed AS text CHECK (contract_create(VALUE) IS NOT NULL);
      CREATE VIEW creating AS SELECT contract_create(id) AS id FROM contracts;
      CREATE VIEW above AS SELECT id FROM creating;
      CREATE VIEW numbered AS SELECT nextval('numbers') AS number;
      CREATE VIEW listed AS SELECT id, number, contract_count() AS total FROM contracts;
      CREATE VIEW locked AS SELECT id FROM contracts FOR SHARE;
      CREATE MATERIALIZED VIEW kept AS SELECT nextval('numbers') AS number;
      CREATE TABLE guarded (id text NOT NULL);
      ALTER TABLE guarded ENABLE ROW LEVEL SECURITY;
      CREATE POLICY guard ON guarded USING (contract_create(id) <> '');`,
  },
];

const reads = [
  "SELECT id, number FROM contracts WHERE id = $1",
  "SELECT random(), gen_random_uuid() AS id, clock_timestamp(), now(), currval('numbers'), pg_relation_size('contracts')",
  "SELECT contract_count(), double($1)",
  "SELECT said_to_be_stable()",
  "SELECT * FROM listed ORDER BY id LIMIT $1",
  "SELECT number FROM kept",
  "SELECT 'contract_create(1)' AS text, 'nextval' AS word",
  "SELECT id AS nextval FROM contracts",
  "SELECT sum(number) OVER (ORDER BY id), upper(id) || $1, settings.key FROM contracts, jsonb_each($2::jsonb) AS settings",
  "WITH RECURSIVE t (n) AS (VALUES (1) UNION ALL SELECT n + 1 FROM t WHERE n < 9) SELECT sum(n) FROM t",
];

const writes = [
  "SELECT contract_create($1)",
  "SELECT public.contract_create($1) AS id -- in a schema, before a comment",
  'SELECT "contract_create"($1)',
  "SELECT id FROM contracts WHERE contract_create(id) <> ''",
  "SELECT id FROM contracts ORDER BY contract_create(id)",
  "SELECT number FROM contracts GROUP BY number HAVING max(contract_create('a')) = 'a'",
  "SELECT contract_create('a') IS NULL AND $1::boolean AS both",
  "WITH made AS (SELECT contract_create($1) AS id) SELECT id FROM made",
  "SELECT (SELECT contract_create($1)) AS id",
  "SELECT id FROM contracts WHERE EXISTS (SELECT contract_create($1))",
  "SELECT 'a' AS id UNION ALL SELECT contract_create($1)",
  "SELECT number FROM contracts LIMIT length(contract_create($1))",
  "VALUES (contract_create($1))",
  "SELECT name FROM contract_names() AS name",
  "SELECT c.id FROM contracts c CROSS JOIN LATERAL contract_create(c.id) AS made",
  "SELECT max(number) OVER (PARTITION BY contract_create(id)) FROM contracts",
  "SELECT count(*) FILTER (WHERE contract_create(id) <> '') FROM contracts",
  "SELECT seen_to_write()",
  "SELECT with_default()",
  "SELECT create_all(id) FROM contracts",
  "SELECT id ## number AS joined FROM contracts",
  "SELECT (CAST(id AS pair)).a FROM contracts",
  "SELECT $1::signed",
  "SELECT id FROM creating",
  "SELECT id FROM above",
  "SELECT id FROM guarded",
  "SELECT nextval('numbers')",
  "SELECT pg_catalog.setval('numbers', $1)",
  "SELECT number FROM numbered",
  "SELECT pg_notify($1, $2)",
  "SELECT set_config('a.b', $1, true)",
  "SELECT pg_advisory_xact_lock($1), pg_try_advisory_lock(1)",
  "SELECT lo_unlink($1)",
  "SELECT pg_terminate_backend($1)",
  "SELECT query_to_xml($1, false, false, '')::text AS rows",
  "SELECT id FROM contracts WHERE id = $1 FOR UPDATE",
  "SELECT id FROM (SELECT id FROM contracts FOR KEY SHARE SKIP LOCKED) AS free",
  "SELECT id FROM locked",
  "INSERT INTO contracts (id) VALUES ($1)",
  "WITH gone AS (DELETE FROM contracts WHERE id = $1 RETURNING id) SELECT id FROM gone",
];

const open = openTarget(createPostgresTarget(), migrations);
afterAll(() => open.close());
const analyse = createQueryAnalyser(open);

test.each([...reads.map((sql) => [sql, false] as const), ...writes.map((sql) => [sql, true] as const)])(
  "%s: writes is %s",
  async (sql, expected) => {
    const found = await analyse(sql);
    expect([messagesOf(found), found.writes]).toEqual([[], expected]);
  },
  120_000,
);

test("MERGE in a WITH clause writes, where the server knows it", async () => {
  const merge = "MERGE INTO contracts c USING (VALUES ($1)) AS n (id) ON c.id = n.id WHEN MATCHED THEN DELETE";
  expect((await analyse(`WITH merged AS (${merge} RETURNING c.id) SELECT id FROM merged`)).writes).toBe(true);
});

test("such a call waits for the request's one transaction, as every write", async () => {
  const steps = [
    query(1, "SELECT contract_create($1) AS id", ["$PROTECTED.id"]),
    query(2, "SELECT id FROM contracts WHERE id = $1", ["$PAYLOAD.id"], { must_return_value: true }),
  ];
  const { plans, diagnostics } = await compile([abi(steps, { atomic: true })], { database: open });
  expect(diagnostics).toEqual([]);
  const sent = plans[0]?.steps.map(asQuery).map(({ writes: isWrite, send }) => [isWrite, send]);
  expect(sent).toEqual([
    [true, "commit"],
    [false, "commit"],
  ]);
});
