import { neonConfig } from "@neondatabase/serverless";
import { afterEach, beforeAll, describe, expect, test } from "vitest";
import type { Statement } from "../../../../../src/runtime/database/database.ts";
import { guardRows } from "../../../../../src/contract/row-guard.ts";
import type { Problem } from "../../../../../src/contract/problem.ts";
import { code, createStatements } from "../../../../contracts/database.ts";
import { engines, environmentWith, harnesses, postgres, useFreshTables } from "./engines.ts";

const { statement, insert, count } = createStatements({ placeholder: (number) => `$${number}` });

async function problemOf(work: Promise<unknown>): Promise<Problem> {
  return work.then(
    () => {
      throw new Error("There was no problem");
    },
    (error: unknown) => error as Problem,
  );
}

const faultTables = [
  statement("CREATE TABLE IF NOT EXISTS fault_parent (id text PRIMARY KEY)"),
  statement(`CREATE TABLE IF NOT EXISTS fault_child (
          parent text REFERENCES fault_parent,
          later text REFERENCES fault_parent DEFERRABLE INITIALLY DEFERRED,
          size integer CHECK (size >= 0) CONSTRAINT row_missing_too CHECK (size < 99),
          EXCLUDE USING btree (size WITH =))`),
  statement("CREATE OR REPLACE FUNCTION fault_raise() RETURNS integer LANGUAGE plpgsql AS $$ BEGIN RAISE 'no'; END $$"),
];

/** Nobody listens on port 1; the pieces of an address must never be told. */
const NOWHERE = "postgresql://someone:hush-hush@127.0.0.1:1/nowhere";
const withUrl = (url: string) => environmentWith({ DATABASE_URL: url, HYPERDRIVE: { connectionString: url } });

describe.skipIf(postgres === null)("PostgreSQL's faults", () => {
  useFreshTables();
  beforeAll(async () => {
    if (postgres !== null) await engines[0]?.[1].open(environmentWith()).batch(faultTables);
  });
  const urlOf = (name: string) => (name === "Neon" ? postgres?.neonUrl : postgres?.url) ?? "";

  describe.each(harnesses)("%s", (_, { create }) => {
    test.each<[string, Statement, string]>([
      ["a foreign key", statement("INSERT INTO fault_child (parent) VALUES ('absent')"), "row_rejected"],
      ["a check", statement("INSERT INTO fault_child (size) VALUES (-1)"), "row_rejected"],
      ["a row_missing of another table", statement("INSERT INTO fault_child (size) VALUES (99)"), "row_rejected"],
      ["an exclusion", statement("INSERT INTO fault_child (size) VALUES (7), (7)"), "unique_violation"],
      [
        "a deferred constraint, at the commit",
        statement("INSERT INTO fault_child (later) VALUES ('absent')"),
        "row_rejected",
      ],
      ["a division by zero", statement("SELECT 1 / $1::integer AS v", [0]), "row_rejected"],
      [
        "two rows where one may be",
        statement("SELECT (SELECT n FROM generate_series(1, 2) AS n) AS v"),
        "row_rejected",
      ],
      ["an exception in a function", statement("SELECT fault_raise() AS v"), "row_rejected"],
      ["a missing function", statement("SELECT absent(1)"), "misconfigured"],
      ["a missing schema", statement("INSERT INTO absent.table VALUES (1)"), "misconfigured"],
      ["a fault in the SQL", statement("SELEC 1"), "internal"],
      ["a guarded write without RETURNING", statement(guardRows("DELETE FROM gallery")), "internal"],
    ])("%s has its problem", async (_, faulty, expected) => {
      const database = create();
      await expect(database.batch([faulty])).rejects.toSatisfy(code(expected));
    });

    test("what the log gets names no value; a missing table asks for the migrations", async () => {
      const database = create();
      const cast = await problemOf(database.batch([statement("SELECT $1::integer AS v", ["my-secret"])]));
      expect(cast.message).toBe("invalid input syntax for type integer (SQLSTATE 22P02)");
      await database.batch([insert("1", "my-secret")]);
      const same = await problemOf(database.batch([insert("2", "my-secret")]));
      expect(`${same.message} ${same.detail} ${String(same.cause)}`).not.toContain("my-secret");
      const missing = await problemOf(database.batch([statement("SELECT 1 FROM nowhere")]));
      expect(missing).toMatchObject({ status: 500, detail: null });
      expect(missing.message).toContain("Run the migrations");
    });
  });

  describe.each(engines)("%s", (name, engine) => {
    test("a statement over its time ends with 503, and nothing of its batch is left", async () => {
      const database = engine.open(environmentWith({ DATABASE_TIMEOUT_SECONDS: "1" }));
      const slow = statement("SELECT 1 AS v FROM pg_sleep(30)");
      const session = database.begin();
      await session.send([insert("2", "b")]);
      const works = [database.batch([insert("1", "a"), slow]), session.send([slow])];
      for (const problem of await Promise.all(works.map(problemOf))) {
        expect(problem).toMatchObject({ code: "database_unavailable", status: 503, headers: { "Retry-After": "5" } });
      }
      expect(await database.batch([count])).toEqual([[{ n: 0 }]]);
    });

    test.each(["0", "301", "1.5", "ten"])("DATABASE_TIMEOUT_SECONDS cannot be %s", (seconds) => {
      const open = () => engine.open(environmentWith({ DATABASE_TIMEOUT_SECONDS: seconds }));
      expect(open).toThrow(/DATABASE_TIMEOUT_SECONDS must be/);
    });

    test("a database that is not there is 503 with Retry-After, for reads, writes and sessions", async () => {
      const database = engine.open(withUrl(NOWHERE));
      const session = database.begin();
      const works = [database.batch([count]), database.batch([insert("1", "a")]), session.send([insert("1", "a")])];
      for (const problem of await Promise.all(works.map(problemOf))) {
        expect(problem).toMatchObject({ code: "database_unavailable", headers: { "Retry-After": "5" } });
        expect(`${problem.message} ${String(problem.cause)}`).not.toMatch(/hush|\[object/);
      }
      await session.rollback();
    });

    test.each([
      ["password", (url: URL) => (url.password = "hush-hush"), "password authentication failed"],
      ["database", (url: URL) => (url.pathname = "/absent"), "does not exist"],
    ])("a wrong %s is the deployment's fault", async (_, change, reason) => {
      const url = new URL(urlOf(name));
      change(url);
      const problem = await problemOf(engine.open(withUrl(url.href)).batch([count]));
      expect(problem).toMatchObject({ code: "misconfigured" });
      expect(problem.message).toContain(reason);
      expect(problem.message).not.toContain("hush-hush");
    });

    test("without its secret or binding it is misconfigured", () => {
      const open = () => engine.open(environmentWith({ DATABASE_URL: undefined, HYPERDRIVE: undefined }));
      expect(open).toThrow(expect.toSatisfy(code("misconfigured")));
    });

    test("a session that failed or ended takes no more", async () => {
      const session = engine.open(environmentWith()).begin();
      await session.send([insert("1", "a")]);
      await session.commit([]);
      await expect(session.send([count])).rejects.toThrow("The session has ended");
    });

    test("a connection that the server ends is 503 for what runs and none for the next call", async () => {
      const database = engine.open(environmentWith());
      const suicide = statement("SELECT pg_terminate_backend(pg_backend_pid()) AS v", [], { writes: true });
      await expect(database.batch([insert("1", "a"), suicide])).rejects.toSatisfy(code("database_unavailable"));
      expect(await database.batch([count])).toEqual([[{ n: 0 }]]);
      const session = database.begin();
      await session.send([insert("1", "a")]);
      await expect(session.send([suicide])).rejects.toSatisfy(code("database_unavailable"));
      await session.rollback();
      expect(await database.batch([count])).toEqual([[{ n: 0 }]]);
    });
  });

  test.each([
    "postgresql://user:hush-hush@/db",
    "mysql://user:hush-hush@host/db",
    "hush-hush",
    "postgresql://host/db",
    "postgresql://user:hush-hush@host",
  ])("Neon: the address %s is refused without being told", (url) => {
    const [[, neon]] = engines as [[string, (typeof engines)[0][1]]];
    expect(() => neon.open(withUrl(url))).toThrow(/^(?!.*hush).*DATABASE_URL must be/);
  });

  test("Neon's own addresses keep their endpoint", () => {
    const endpointOf = neonConfig.fetchEndpoint as (host: string, port: string) => string;
    expect(endpointOf("ep-name.eu-central-1.aws.neon.tech", "")).toBe("https://api.eu-central-1.aws.neon.tech/sql");
    expect(endpointOf("127.0.0.1", "5488")).toBe("http://127.0.0.1:5488/sql");
  });

  test("Neon: the address as Neon's console shows it, with parameters for other drivers", async () => {
    const [[, neon]] = engines as [[string, (typeof engines)[0][1]]];
    const database = neon.open(withUrl(`${postgres?.neonUrl}?sslmode=require&channel_binding=require`));
    expect(await database.batch([count])).toEqual([[{ n: 0 }]]);
    const session = database.begin();
    await session.send([insert("1", "a")]);
    expect(await session.commit([count])).toEqual([[{ n: 1 }]]);
  });

  describe("Neon's requests", () => {
    afterEach(() => {
      neonConfig.fetchFunction = undefined;
    });
    const [[, neon]] = engines as [[string, (typeof engines)[0][1]]];
    /** Fails the first `faults` requests as a lost connection does; counts all. */
    const countRequests = (faults: number) => {
      const calls = { count: 0 };
      neonConfig.fetchFunction = async (...parameters: Parameters<typeof fetch>) => {
        calls.count += 1;
        if (calls.count <= faults) throw new TypeError("Network connection lost.");
        return fetch(...parameters);
      };
      return calls;
    };

    test("a batch of 100 rows, guards and a lock is one request", async () => {
      const calls = countRequests(0);
      const inserts = Array.from({ length: 100 }, (_, index) => insert(String(index), String(index), { lock: "x" }));
      await neon.open(environmentWith()).batch(inserts.flatMap(neon.dialect.mustChange));
      await neon.open(environmentWith()).begin().commit([count]);
      expect(calls.count).toBe(2);
    });

    test.each<[string, number, Statement[], number, boolean]>([
      ["reads are tried again once", 1, [count, count], 2, true],
      ["and only once", 2, [count], 2, false],
      ["a write is not", 1, [count, insert("1", "a")], 1, false],
      ["nor is a read with a lock", 1, [{ ...count, lock: "x" }], 1, false],
    ])("after a lost connection %s", async (_, faults, statements, expectedCalls, succeeds) => {
      const calls = countRequests(faults);
      const batch = neon.open(environmentWith()).batch(statements);
      if (succeeds) expect(await batch).toHaveLength(statements.length);
      else await expect(batch).rejects.toSatisfy(code("database_unavailable"));
      expect(calls.count).toBe(expectedCalls);
    });
  });
});
