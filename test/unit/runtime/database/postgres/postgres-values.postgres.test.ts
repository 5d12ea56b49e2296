import { guardRows } from "../../../../../src/contract/row-guard.ts";
import { describe, expect, test } from "vitest";
import type { Json } from "../../../../../src/contract/plan.ts";
import type { ColumnType, ParameterType } from "../../../../../src/contract/plan/query.ts";
import { code, createStatements } from "../../../../contracts/database.ts";
import { engines, environmentWith, harnesses, postgres, useFreshTables } from "./engines.ts";

const { statement } = createStatements({ placeholder: (number) => `$${number}` });

/** What PostgreSQL has and the contract's other engines do not. */
const expressions: readonly (readonly [sql: string, expected: Json, hint?: ColumnType])[] = [
  ["true", true],
  ["1::smallint", 1],
  ["-2147483648", -2147483648],
  ["9007199254740991", Number.MAX_SAFE_INTEGER],
  ["9007199254740992", "9007199254740992"],
  ["'-9223372036854775808'::bigint", "-9223372036854775808"],
  ["1::oid", 1],
  ["0.1::real", 0.1],
  ["1e300::double precision", 1e300],
  ["'NaN'::double precision", "NaN"],
  ["'-Infinity'::real", "-Infinity"],
  ["1.50::numeric", "1.50"],
  ["1.50::numeric", 1.5, "number"],
  ["sum(n) FROM (VALUES (1::bigint), (2)) AS list(n)", "3"],
  ["sum(n) FROM (VALUES (1::bigint), (2)) AS list(n)", 3, "integer"],
  ["'NaN'::numeric", "NaN"],
  ["null::numeric", null],
  ["'{\"a\": [1, null]}'::jsonb", { a: [1, null] }],
  ["'null'::json", null],
  ["'[1]'::text", "[1]"],
  ["'[1]'::text", [1], "json"],
  ["'[1'::text", "[1", "json"],
  ["'t'::text", true, "boolean"],
  ["1", true, "boolean"],
  ["timestamptz '2026-01-02 03:04:05.6789+02'", "2026-01-02T01:04:05.678Z"],
  ["timestamptz '2026-01-02 03:04:05+00'", "2026-01-02T03:04:05.000Z"],
  ["timestamp '2026-01-02 03:04:05.9999999'", "2026-01-02T03:04:06.000Z"],
  ["'2026-01-02 03:04:05'::text", "2026-01-02T03:04:05.000Z", "timestamp"],
  ["timestamptz 'infinity'", "infinity"],
  ["timestamptz '0044-03-15 00:00:00+00 BC'", "0044-03-15 00:00:00+00 BC"],
  ["timestamptz '12026-01-02 00:00:00+00'", "12026-01-02 00:00:00+00"],
  ["date '2026-01-02'", "2026-01-02"],
  ["time '03:04:05.5'", "03:04:05.5"],
  ["interval '1 day 2 hours'", "1 day 02:00:00"],
  ["uuid '00000000-0000-0000-0000-00000000000A'", "00000000-0000-0000-0000-00000000000a"],
  ["inet '10.0.0.1'", "10.0.0.1"],
  ["int4range(1, 5)", "[1,5)"],
  ["'\\xdeadBEEF'::bytea", "3q2+7w=="],
  ["''::text", ""],
  ["'a'::char(3)", "a  "],
  ["ARRAY[1, null, 3]", [1, null, 3]],
  ["ARRAY[]::integer[]", []],
  [
    "ARRAY[[1, 2], [3, 4]]",
    [
      [1, 2],
      [3, 4],
    ],
  ],
  ["'[0:1]={5,6}'::integer[]", [5, 6]],
  ["ARRAY[9007199254740993, 1]", ["9007199254740993", 1]],
  ["ARRAY[1.5, 2]", ["1.5", "2"]],
  ["ARRAY[true, false]", [true, false]],
  [
    String.raw`ARRAY['a', '', 'NULL', null, 'b,c', '{d}', 'e"f', 'g\h', ' i ', 'ü']`,
    ["a", "", "NULL", null, "b,c", "{d}", 'e"f', "g\\h", " i ", "ü"],
  ],
  ["ARRAY['\\x00ff'::bytea]", ["AP8="]],
  ['ARRAY[\'{"a": "b\\"c"}\'::jsonb, \'[1]\']', [{ a: 'b"c' }, [1]]],
  ["ARRAY[timestamptz '2026-01-02 00:00:00.1+00']", ["2026-01-02T00:00:00.100Z"]],
  ["ARRAY[uuid '00000000-0000-0000-0000-00000000000A']", ["00000000-0000-0000-0000-00000000000a"]],
];

describe.skipIf(postgres === null)("PostgreSQL's values", () => {
  useFreshTables();

  describe.each(harnesses)("%s", (_, { create }) => {
    test("every type has its JSON", async () => {
      const statements = expressions.map(([sql, , hint]) =>
        statement(`SELECT ${sql.replace(/^(.*?)( FROM .*)?$/s, "$1 AS v$2")}`, [], {
          columns: hint === undefined ? {} : { v: hint },
        }),
      );
      const rows = await create().batch(statements);
      const answered = expressions.map(([sql], index) => [sql, rows[index]?.[0]?.["v"]]);
      expect(answered).toEqual(expressions.map(([sql, expected]) => [sql, expected]));
    });

    test("of columns with one name the last counts; a name of Object's is a name", async () => {
      const select = statement(guardRows('SELECT 1 AS a, 2 AS a, 3 AS "__proto__", 4 AS "constructor"'), [], {
        writes: false,
      });
      const [[row] = []] = await create().batch([select]);
      expect(Object.entries(row ?? {})).toEqual([
        ["a", 2],
        ["__proto__", 3],
        ["constructor", 4],
      ]);
    });
  });

  // What is bound does not depend on how a batch is sent: once for each driver.
  describe.each(harnesses.filter((_, index) => index % 2 === 0))("%s", (_, { create }) => {
    test.each<[string, Json, ParameterType, string]>([
      ["NUL in text", "a\0b", "any", "text"],
      ["NUL in text", "\0", "text", "text"],
      ["NUL in an object", { a: ["\0"] }, "any", "jsonb"],
      ["NUL in a name", { "\0": 1 }, "document", "jsonb"],
      ["NUL in JSON text", String.raw`{"a":"\u0000"}`, "json", "jsonb"],
      ["half a surrogate pair", "a\ud800", "any", "text"],
      ["half a surrogate pair in an object", ["\udc00"], "any", "json"],
      ["half a surrogate pair in JSON text", String.raw`"\ud83d"`, "json", "json"],
      ["a number over 2^53 as integer", 2 ** 53, "integer", "bigint"],
      ["text over 2^63 as integer", "9223372036854775808", "integer", "bigint"],
      ["a number over 2^63", 1e19, "any", "bigint"],
      ["a bad cast", "abc", "any", "integer"],
      ["a bad uuid", "abc", "any", "uuid"],
      ["a bad date", "2026-02-30", "any", "date"],
      ["JSON for an array", ["a"], "any", "text[]"],
    ])("%s is refused", async (_, value, type, sqlType) => {
      const echo = statement(`SELECT $1::${sqlType} AS v`, [{ value, type }]);
      await expect(create().batch([echo])).rejects.toSatisfy(code("row_rejected"));
    });

    test.each<[string, Json, ParameterType, string, Json]>([
      ["2^53 and more as text", "9007199254740993", "integer", "bigint", "9007199254740993"],
      [
        "every digit of a decimal",
        "12345678901234567890.123456789",
        "number",
        "numeric",
        "12345678901234567890.123456789",
      ],
      ["a number in JSON text", '{"a":18446744073709551616}', "json", "jsonb", { a: 2 ** 64 }],
      ["an escaped pair in JSON text", String.raw`"\ud83d\ude00"`, "json", "jsonb", "\u{1F600}"],
      ["an escaped backslash before u0000", String.raw`"\\u0000"`, "json", "jsonb", String.raw`\u0000`],
      ["1e21", 1e21, "any", "numeric", "1000000000000000000000"],
    ])("%s goes through", async (_, value, type, sqlType, expected) => {
      const echo = statement(`SELECT $1::${sqlType} AS v`, [{ value, type }]);
      expect(await create().batch([echo])).toEqual([[{ v: expected }]]);
    });
  });

  test.each(engines)("%s: the server's own settings change nothing of it", async (_, engine) => {
    const database = engine.open(environmentWith());
    const role = (name: string, value: string | null) =>
      statement(`ALTER ROLE CURRENT_USER ${value === null ? `RESET "${name}"` : `SET "${name}" = '${value}'`}`);
    const settings = [
      ["TimeZone", "Asia/Kolkata"],
      ["DateStyle", "German"],
      ["bytea_output", "escape"],
    ] as const;
    await database.batch(settings.map(([name, value]) => role(name, value)));
    try {
      const select = statement(
        "SELECT timestamptz '2026-01-02 03:04:05' AS t, date '2026-01-02' AS d, '\\x00ff'::bytea AS b",
      );
      const rows = await engine.open(environmentWith()).batch([select]);
      expect(rows).toEqual([[{ t: "2026-01-02T03:04:05.000Z", d: "2026-01-02", b: "AP8=" }]]);
    } finally {
      await database.batch(settings.map(([name]) => role(name, null)));
    }
  });
});
