/** Statements for PostgreSQL: what runs there and what does not, their types, their rules. */
import { afterAll, beforeEach, describe, expect, test } from "vitest";
import { noRowRules } from "../../../../../src/compiler/sql/rules/row-rules.ts";
import type { RowRules } from "../../../../../src/compiler/sql/rules/rule.ts";
import { openTarget } from "../../../../../src/compiler/sql/open-target.ts";
import { createPostgresTarget } from "../../../../../src/compiler/sql/postgres/target.ts";
import { startPglite } from "../../../../../src/compiler/sql/postgres/server.ts";
import { readMigrations } from "../../../../../src/cli/project.ts";
import { createQueryAnalyser } from "../../../../../src/compiler/sql/query.ts";
import { drawTable } from "../../../../../src/cli/endpoint-table.ts";
import { pointerLine } from "../../../../support/pointer-line.ts";
import type { ColumnType, ParameterType } from "../../../../../src/contract/plan/query.ts";
import { createPostgresRunner } from "./run-postgres.ts";
import { abi, asQuery, compile, messagesOf, query, root } from "../../support.ts";

const runner = createPostgresRunner([
  {
    name: "test.sql",
    sql: `
      CREATE TYPE mood AS ENUM ('calm');
      CREATE DOMAIN address AS text;
      CREATE TABLE albums (
        id text PRIMARY KEY NOT NULL, owner text NOT NULL, title text, settings jsonb, shared boolean,
        opened_at timestamptz(3), photos bigint, rating real, cover bytea, tags text[], price numeric(10, 2), mood mood,
        email address, born date, key uuid
      );
      CREATE TABLE users (
        id text PRIMARY KEY NOT NULL, email text, name text, age integer,
        created_at timestamptz(3), updated_at timestamptz(3), deleted_at timestamptz(3)
      );
      CREATE INDEX users_by_email ON users (email) WHERE deleted_at IS NULL;
      CREATE INDEX users_by_name ON users (name, id);
      CREATE TABLE plain (id text PRIMARY KEY NOT NULL, updated_at text, created_at text);`,
  },
]);
const { open } = runner;
afterAll(() => open.close());
const analyse = createQueryAnalyser(open);
const rules = (change: Partial<RowRules>): RowRules => ({ ...noRowRules, ...change });

describe("what only PostgreSQL runs", () => {
  test.each([
    "SELECT DISTINCT ON (owner) id FROM albums ORDER BY owner",
    "SELECT id FROM albums FOR UPDATE SKIP LOCKED",
    "SELECT jsonb_agg(id ORDER BY id) FROM albums",
    "SELECT settings @> '{}' AS holds, settings -> 'a' ->> 'b' AS b FROM albums",
    "SELECT photos / 2 AS half FROM albums",
    "SELECT now() - interval '1 day' AS yesterday, now()::date AS today",
    "SELECT concat(title, owner), greatest(photos, 1), title ~ 'x' AS matches, date_trunc('day', opened_at) FROM albums",
    "SELECT n FROM generate_series(1, 3) AS n",
    "SELECT a.id, b.n FROM albums a CROSS JOIN LATERAL (SELECT count(*) AS n FROM gallery g WHERE g.user_id = a.owner) b",
    "DELETE FROM albums USING gallery WHERE gallery.id = albums.id",
    "WITH gone AS (DELETE FROM albums WHERE id = $1 RETURNING id) INSERT INTO plain (id) SELECT id FROM gone RETURNING id",
    "INSERT INTO albums (id, owner) VALUES (DEFAULT, $1)",
    "UPDATE albums SET title = (SELECT owner AS o FROM albums AS b ORDER BY o LIMIT 1)",
    "UPDATE albums SET (title, owner) = ($1, $2) WHERE id = $3",
    "INSERT INTO albums (id, owner) SELECT x ->> 'id', x ->> 'owner' FROM jsonb_array_elements($1::jsonb) AS x",
    "WITH RECURSIVE t (n) AS (VALUES (1) UNION ALL SELECT n + 1 FROM t WHERE n < 9) SELECT sum(n) FROM t",
    "SELECT id, rank() OVER w FROM albums WINDOW w AS (PARTITION BY owner ORDER BY photos DESC)",
    "SELECT tags, tags[1] AS first, unnest(tags) AS tag FROM albums",
    "SELECT E'a\\nb', $$c'd$$, 'e\\f' AS g, title COLLATE \"C\" AS h FROM albums WHERE born BETWEEN SYMMETRIC $1 AND $2",
  ])("%s", async (sql) => {
    expect(messagesOf(await analyse(sql)).filter((fault) => !fault.includes("two columns"))).toEqual([]);
  });
});

describe("faults", () => {
  test.each([
    ["SELECT id FROM albumz", 'PostgreSQL refuses this: relation "albumz" does not exist. Did you mean "albums"?'],
    [
      "SELECT titel FROM albums",
      'PostgreSQL refuses this: column "titel" does not exist. HINT: Perhaps you meant to reference the column "albums.title"',
    ],
    [
      "INSERT INTO albums (ownr) VALUES ($1)",
      'PostgreSQL refuses this: column "ownr" of relation "albums" does not exist. Did you mean "owner"?',
    ],
    [
      "SELECT nope(1)",
      "PostgreSQL refuses this: function nope(integer) does not exist. HINT: No function matches the given name and argument types. You might need to add explicit type casts",
    ],
    ["SELECT 1 AS a; SELECT 2 AS b", "expected one SQL statement, found 2"],
    [
      "SELECT id FROM albums WHERE owner = '$PROTECTED.id'",
      'values are only ever bound: write $1 in place of $PROTECTED.id, and $PROTECTED.id into "parameters"',
    ],
    [
      "SELECT id FROM albums WHERE owner = $PAYLOAD.a.b",
      'values are only ever bound: write $1 in place of $PAYLOAD.a.b, and $PAYLOAD.a.b into "parameters"',
    ],
    [
      "SELECT id FROM albums WHERE id = ANY($1)",
      "$1 is of the type text[], which cannot be bound: bind JSON, such as IN (SELECT jsonb_array_elements_text($1::jsonb))",
    ],
    ["SELECT ROW(id, owner) AS both FROM albums", 'returns "both" as record, which is no JSON: answer to_jsonb(…)'],
    [
      "SELECT $1 IS NULL AS missing",
      "PostgreSQL refuses this: could not determine data type of parameter $1: write its type, such as $1::text",
    ],
    ["SELECT 1, 2", 'returns two columns named "?column?"; name them apart with AS'],
    ["SELECT id FROM albums WHERE photos = 'x'", 'PostgreSQL refuses this: invalid input syntax for type bigint: "x"'],
  ])("%s", async (sql, fault) => {
    expect(messagesOf(await analyse(sql))).toEqual([fault]);
  });

  test("placeholders and parameters match, as everywhere", async () => {
    const compiled = await compile(
      [abi([query(1, "SELECT id FROM albums WHERE id = $1 AND owner = $2", ["$PROTECTED.id"])])],
      {
        database: open,
      },
    );
    expect(compiled.diagnostics.map(pointerLine)).toEqual([
      "a.json/actionables/0/sql_query/query: $2 has no parameter: the list has 1 parameter",
    ]);
    expect(compiled.endpoints).toMatchObject([{ id: "test-01", plan: null }]);
  });

  test.each([
    ["CREATE TABL x", '1: syntax error at or near "TABL"'],
    ["SELECT 1;\n-- ä\nCREATE TABLE fresh (\n  id text,\n  text txet\n);", '5: type "txet" does not exist'],
    ["SELECT 1;\nSELECT (", "2: syntax error at end of input"],
    // Of these the server names no place.
    [
      "CREATE TABLE fresh (id text); -- ä\n\n/* 'x\n; */\nALTER TABLE albums\n  ADD COLUMN id text;",
      '5: column "id" of',
    ],
    ["CREATE TABLE fresh (id text);\nCREATE TABLE fresh (id text)", '2: relation "fresh" already exists'],
    ["SELECT 1;\nDO $$ BEGIN\n  RAISE 'no';\nEND $$;", "2: no"],
  ])("a migration that does not apply is named with its line: %j", async (sql, reason) => {
    const server = { ...(await runner.server()), stop: async () => undefined };
    const broken = createPostgresTarget(async () => server).open([{ name: "0009_broken.sql", sql }]);
    await expect(broken).rejects.toThrow(`0009_broken.sql:${reason}`);
    await server.run("DROP TABLE IF EXISTS fresh");
  });
});

describe("types are the server's", () => {
  test.each<[string, ParameterType[]]>([
    [
      "INSERT INTO albums (id, settings, shared, opened_at, photos, rating, cover, price, mood, email, born, key) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)",
      "text json boolean timestamp integer number bytes number any text any any".split(" ") as ParameterType[],
    ],
    ["SELECT id FROM albums WHERE photos > $2 LIMIT $1", ["count", "integer"]],
    ["SELECT id FROM albums WHERE (opened_at, id) < ($1, $2)", ["timestamp", "text"]],
  ])("of parameters: %s", async (sql, types) => {
    expect((await analyse(sql)).types).toEqual(types);
  });

  test.each<[string, Record<string, ColumnType>]>([
    [
      "SELECT * FROM albums",
      {
        settings: "json",
        shared: "boolean",
        opened_at: "timestamp",
        photos: "integer",
        rating: "number",
        cover: "bytes",
        price: "number",
      },
    ],
    [
      "SELECT count(*), avg(photos), max(opened_at) AS last, id IS NULL AS none FROM albums GROUP BY id",
      {
        count: "integer",
        avg: "number",
        last: "timestamp",
        none: "boolean",
      },
    ],
  ])("of columns: %s", async (sql, columns) => {
    expect((await analyse(sql)).columns).toEqual(columns);
  });
});

const now = "2026-05-05T05:05:05.555+00:00";
const old = "2020-01-01T00:00:00+00:00";

describe("rules", () => {
  beforeEach(async () => {
    await runner.run("DELETE FROM users");
    await runner.run(
      `INSERT INTO users VALUES ('a', 'ann@x', 'ann', 30, '${old}', '${old}', NULL), ('b', 'bob@x', 'bob', NULL, '${old}', '${old}', NULL), ('z', 'zed@x', 'zed', NULL, '${old}', '${old}', '${old}')`,
    );
  });

  /** As the runtime does: the statement with the moment, then its lookup. */
  async function runRuled(
    sql: string,
    values: readonly (string | null)[],
    laid: RowRules,
  ): Promise<[unknown[], boolean]> {
    const ruled = await analyse(sql, { rules: laid });
    expect([...ruled.faults, ...ruled.ruleFaults]).toEqual([]);
    const bound = (ruled.bindsMoment ? [...values, now] : values).map((value, index) => ({
      value,
      type: ruled.types[index] ?? "any",
    }));
    const rows = await runner.run(ruled.sql, bound);
    const [check] = ruled.checks;
    if (check === undefined) return [rows, false];
    const checked = check.parameters.flatMap((index) => bound[index] ?? []);
    const isRefused = await runner.run(check.sql, checked).then(
      () => false,
      (error: unknown) => {
        expect(error).toMatchObject({ code: "23502", table: "row_guard" });
        return true;
      },
    );
    return [rows, isRefused];
  }

  test.each<[string, string, (string | null)[], string[], boolean]>([
    ["a new value", "INSERT INTO users (id, email) VALUES ($1, $2)", ["n", "new@x"], ["email"], false],
    ["a value that is there", "INSERT INTO users (id, email) VALUES ($1, $2)", ["n", "bob@x"], ["email"], true],
    ["NULL", "INSERT INTO users (id, email) VALUES ($1, $2)", ["n", null], ["email"], false],
    ["a number", "INSERT INTO users (id, age) VALUES ($1, $2)", ["n", "30"], ["age"], true],
    [
      "either of two",
      "INSERT INTO users (id, email, name) VALUES ($1, $2, $3)",
      ["n", "new@x", "bob"],
      ["email", "name"],
      true,
    ],
    ["two rows alike", "INSERT INTO users (id, name) VALUES ($1, $2), ($3, $4)", ["n", "x", "m", "x"], ["name"], true],
    ["an expression", "INSERT INTO users (id, name) VALUES ($1, lower($2))", ["n", "BOB"], ["name"], true],
    ["an UPDATE to its own", "UPDATE users SET email = $1 WHERE id = $2", ["bob@x", "b"], ["email"], false],
    ["an UPDATE to another's", "UPDATE users SET email = $1 WHERE id = $2", ["ann@x", "b"], ["email"], true],
  ])("unique: %s", async (_, sql, values, unique, isRefused) => {
    expect((await runRuled(sql, values, rules({ unique })))[1]).toBe(isRefused);
  });

  test("unique: writers of one table wait for each other, whatever the columns", async () => {
    const lockOf = async (column: string): Promise<string | null> =>
      (await analyse("INSERT INTO Users (id, email, name) VALUES ($1, $2, $3)", { rules: rules({ unique: [column] }) }))
        .lock;
    expect([await lockOf("email"), await lockOf("name")]).toEqual(["unique users", "unique users"]);
  });

  test("unique: a check without an index is told of; one on rows that are not deleted will do", async () => {
    const sql = "INSERT INTO users (id, email, name, age) VALUES ($1, $2, $3, $4)";
    const warnings = async (column: string, softDelete = false): Promise<number> =>
      (await analyse(sql, { rules: rules({ unique: [column], softDelete }) })).warnings.length;
    expect([
      await warnings("age"),
      await warnings("name"),
      await warnings("email"),
      await warnings("email", true),
    ]).toEqual([1, 0, 1, 0]);
  });

  test("with_timestamps, with_timestamps of an upsert", async () => {
    const laid = rules({ timestamps: "with_timestamps" });
    const returning = "RETURNING created_at, updated_at";
    const insert = `INSERT INTO users (id, name) VALUES ($1, $2)`;
    expect(await runRuled(`${insert} ${returning}`, ["n", "x"], laid)).toEqual([
      [{ created_at: now, updated_at: now }],
      false,
    ]);
    const upsert = `${insert} ON CONFLICT (id) DO UPDATE SET name = EXCLUDED.name ${returning}`;
    expect(await runRuled(upsert, ["a", "x"], laid)).toEqual([[{ created_at: old, updated_at: now }], false]);
  });

  test("with_timestamps of an INSERT that passes over what is there", async () => {
    const sql = "INSERT INTO users (id, name) VALUES ($1, $2) ON CONFLICT DO NOTHING RETURNING created_at";
    expect(await runRuled(sql, ["n", "x"], rules({ timestamps: "with_timestamps" }))).toEqual([
      [{ created_at: now }],
      false,
    ]);
  });

  test("soft_delete: DELETE marks, reads and joins see no marked rows", async () => {
    const laid = rules({ softDelete: true, timestamps: "with_timestamps" });
    const gone = await runRuled("DELETE FROM users WHERE id IN ($1, $2) RETURNING id, updated_at", ["a", "z"], laid);
    expect(gone).toEqual([[{ id: "a", updated_at: now }], false]);
    const seen = rules({ softDelete: true });
    expect(await runRuled("SELECT id FROM users ORDER BY id", [], seen)).toEqual([[{ id: "b" }], false]);
    const joined =
      "SELECT p.id, u.name FROM (VALUES ('a'), ('b')) AS p (id) LEFT JOIN LATERAL (SELECT name FROM users WHERE users.id = p.id) u ON true ORDER BY 1";
    expect(await runRuled(joined, [], seen)).toEqual([
      [
        { id: "a", name: null },
        { id: "b", name: "bob" },
      ],
      false,
    ]);
  });

  test("a moment goes into a column of moments only", async () => {
    const { ruleFaults } = await analyse("UPDATE plain SET id = $1", {
      rules: rules({ timestamps: "with_timestamps" }),
    });
    expect(ruleFaults.map(({ message }) => message)).toEqual([
      'the column "created_at" of plain is text; expected timestamptz',
      'the column "updated_at" of plain is text; expected timestamptz',
    ]);
  });
});

describe("plans", () => {
  test("a write that must find a row returns one, which is no result", async () => {
    const write = query(1, "DELETE FROM albums WHERE id = $1", ["$PROTECTED.id"], { must_return_value: true });
    const { plans } = await compile([abi([write])], { database: open });
    expect(asQuery(plans[0]?.steps[0])).toMatchObject({
      sql: "WITH sluice_rows AS (DELETE FROM albums WHERE id = $1 RETURNING 1) INSERT INTO sluice.row_guard (found) SELECT 0 WHERE NOT EXISTS (SELECT FROM sluice_rows)",
      checks: [],
      columns: {},
    });
  });

  test("a later statement that needs a result: atomic here, a fault on D1 where the ABI asks for it", async () => {
    const steps = [
      query(
        1,
        "INSERT INTO gallery (id, user_id, storage_key, url, file_size, created_at, updated_at) VALUES ($1, $2, $1, $1, 1, $3::timestamptz, $3::timestamptz) RETURNING id",
        ["$GENERATOR.KSUID", "$PROTECTED.id", "$DATETIME"],
      ),
      query(2, "UPDATE gallery SET url = $1 WHERE id = $2", ["$PAYLOAD.url", "id"], {
        depends_on: [{ resource_id: "self", action_ids: [1], extract_response_for: [{ extract: "id", for: "id" }] }],
      }),
    ];
    const here = await compile([abi(steps, { atomic: true })], { database: open });
    expect(here.diagnostics).toEqual([]);
    expect(here.plans).toMatchObject([{ atomic: true }]);
    expect((await compile([abi(steps)])).plans).toMatchObject([{ atomic: false }]);
    const d1 = await compile([abi(steps, { atomic: true })]);
    expect(d1.diagnostics.map(pointerLine)).toEqual([
      "a.json/actionables/0: not atomic on D1: this write is sent before later steps, which need a result; if they fail it stays. Needs PostgreSQL",
    ]);
  });
});

describe("the table", () => {
  const two = [
    abi([query(1, "SELECT DISTINCT ON (user_id) id FROM gallery ORDER BY user_id")], {
      id: "newest",
      resource: "newest",
    }),
    abi([query(1, "SELECT id FROM gallery WHERE user_id = $1", ["$PROTECTED.id"])], { id: "mine", resource: "mine" }),
  ];

  test("says for each database what it makes of an endpoint, and why it cannot run it", async () => {
    const compilations = new Map([
      ["D1", await compile(two)],
      ["PostgreSQL", await compile(two, { database: open })],
    ]);
    expect(drawTable(compilations, "PostgreSQL", () => null).split("\n")).toEqual([
      "endpoint      steps     limits  auth                        D1          PostgreSQL (chosen)",
      "POST /mine    read now  -       x-access-token (id, email)  atomic      atomic",
      "POST /newest  read now  -       x-access-token (id, email)  cannot run  atomic",
      "",
      "Cannot run on D1:",
      "  a.json/actionables/0/sql_query/query: needs PostgreSQL, D1's SQLite has no equal for DISTINCT ON",
      "",
    ]);
    // The chosen database's faults are printed as faults.
    expect(
      drawTable(compilations, "D1", () => null)
        .split("\n")
        .slice(2),
    ).toEqual(["POST /newest  read now  -       x-access-token (id, email)  cannot run   atomic", ""]);
  });
});

test("PGlite says what the server says", async () => {
  const statements = [
    "INSERT INTO gallery (id, user_id, storage_key, url, file_size, created_at, updated_at) VALUES ($1, $2, $3, $4, $5, $6::timestamptz, $6::timestamptz) RETURNING id, file_size, created_at",
    "SELECT count(*), jsonb_agg(id) AS ids FROM gallery WHERE user_id = $1 LIMIT $2",
    "DELETE FROM gallery WHERE id = $1",
    "SELECT storage_kei FROM gallery",
    "SELECT nextval('documents_position_seq')",
    "SELECT id FROM gallery WHERE id = $1 FOR UPDATE",
  ];
  const pglite = openTarget(createPostgresTarget(startPglite), readMigrations(root, "postgres"));
  const analyseThere = createQueryAnalyser(pglite);
  for (const statement of statements) expect(await analyseThere(statement)).toEqual(await analyse(statement));
  const unique = rules({ unique: ["storage_key"] });
  const insert = statements[0] ?? "";
  expect(await analyseThere(insert, { rules: unique })).toEqual(await analyse(insert, { rules: unique }));
  await pglite.close();
}, 120_000);
