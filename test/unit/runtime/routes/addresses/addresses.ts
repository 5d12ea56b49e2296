/** Methods, path parameters and query parameters, as a client meets them. */
import { beforeEach, describe, expect, inject, test } from "vitest";
import type { Json } from "../../../../../src/contract/plan.ts";
import type { Database, Statement } from "../../../../../src/runtime/database/database.ts";
import type { Engine } from "../../../../../src/runtime/database/engine.ts";
import { callerOf, dataOf, expectProblem, formBody, MULTIPART, token } from "../../../../support/app.ts";
import { buildOf } from "../../../../support/build.ts";
import { png } from "../../../../support/pictures.ts";
import { secrets } from "../../../../support/secrets.ts";

export interface AddressHarness {
  readonly engine: Engine;
  readonly bindings: Readonly<Record<string, unknown>>;
  /** Names of the runtime's tables as the engine has them. */
  readonly run: (sql: string) => Promise<readonly Readonly<Record<string, unknown>>[]>;
  readonly table: string;
}

type Row = Record<string, string | null>;

export function describeAddresses({ engine, run, table, ...harness }: AddressHarness): void {
  let batches = 0;
  let writes = 0;
  const count = (statements: readonly Statement[]) => {
    batches += statements.length === 0 ? 0 : 1;
    writes += statements.filter((statement) => statement.writes).length;
    return statements;
  };
  const counted: Engine = {
    ...engine,
    open(environment) {
      const database: Database = engine.open(environment);
      return {
        batch: (statements) => database.batch(count(statements)),
        begin() {
          const session = database.begin();
          return {
            send: (statements) => session.send(count(statements)),
            commit: (statements) => session.commit(count(statements)),
            rollback: () => session.rollback(),
          };
        },
      };
    },
  };
  const bindings = { ...harness.bindings, ...secrets, ALLOWED_ORIGINS: "https://app.example" };
  const call = callerOf(buildOf(inject("compiled").addresses, counted), bindings);
  const caller = async (id = "ann", more: Record<string, string> = {}) => ({
    "x-access-token": await token({ id, email: "a@example.com" }, { secret: secrets.JWT_SECRET_KEY }),
    ...more,
  });
  const get = async (path: string, more: Record<string, string> = {}, id = "ann") =>
    call(path, { headers: await caller(id, more) });
  const post = async (path: string, payload?: Json, more: Record<string, string> = {}) =>
    call(path, {
      method: "POST",
      headers: await caller("ann", { "content-type": "application/json", ...more }),
      ...(payload === undefined ? {} : { body: JSON.stringify(payload) }),
    });
  const insert = (count: number, owner = "ann") =>
    run(
      `INSERT INTO bills (id, owner, total) VALUES ${Array.from({ length: count }, (_, at) => `('${owner}${at}', '${owner}', ${at})`).join(", ")}`,
    );
  const idsOf = async (path: string) => (await dataOf<Row[]>(await get(path))).map(({ id }) => id);
  const refusal = async (path: string) => {
    const { parameter, detail } = await expectProblem(await get(path), 422, "parameter_invalid");
    return [parameter ?? null, detail];
  };

  beforeEach(async () => {
    await run("DROP TABLE IF EXISTS bills");
    await run(table);
    await run("DELETE FROM sluice_links");
  });

  describe("methods", () => {
    test("two endpoints share a resource, a third has it with a name", async () => {
      expect(await dataOf(await post("/receipts", { id: "r1", total: 5 }))).toEqual({ id: "r1" });
      expect(await dataOf(await get("/receipts"))).toEqual([{ id: "r1", total: 5 }]);
      expect(await dataOf(await get("/receipts/r1"))).toEqual({ id: "r1", total: 5 });
      expect(await dataOf(await post("/receipts/r1"))).toEqual({ id: "r1", total: 6 });
      expect(await dataOf(await get("/receipts/r1/total"))).toEqual({ id: "r1", total: 6 });
      for (const answer of [await post("/receipts/r2"), await get("/receipts/r2/total")]) {
        await expectProblem(answer, 404, "resource_not_found");
      }
      expect(await dataOf(await get("/receipts/none"))).toBeNull();
      expect(await dataOf(await get("/receipts/r1", {}, "bob"))).toBeNull();
    });

    test.each([
      ["PUT", "/receipts", "GET, HEAD, POST, OPTIONS"],
      ["DELETE", "/receipts/r1", "GET, HEAD, POST, OPTIONS"],
      ["POST", "/list-receipts", "GET, HEAD, OPTIONS"],
      ["GET", "/add-receipt", "POST, OPTIONS"],
      ["HEAD", "/add-receipt", "POST, OPTIONS"],
      ["PATCH", "/receipts/new", "GET, HEAD, POST, OPTIONS"],
      ["GET", "/receipts/r1/photos", "POST, OPTIONS"],
      ["PUT", "/echo/x", "GET, HEAD, POST, OPTIONS"],
    ])("%s %s: 405, and what there is", async (method, path, allowed) => {
      const response = await call(path, { method, headers: await caller() });
      expect([response.status, response.headers.get("allow")]).toEqual([405, allowed]);
      const options = await call(path, { method: "OPTIONS" });
      expect([options.status, options.headers.get("allow")]).toEqual([204, allowed]);
    });

    test.each([
      "/one-receipt",
      "/echo-value",
      "/receipts/",
      "/receipts/r1/",
      "/receipts//photos",
      "/receipts/a/b",
      "/echo",
      "/echo/",
      "/RECEIPTS/r1",
      "/re%63eipts/r1",
      "/receipts%2Fr1",
    ])("%s is no address", async (path) => {
      await expectProblem(await get(path), 404, "resource_not_found");
    });

    test("words go before names, where they take the method", async () => {
      expect(await dataOf(await call("/receipts/new"))).toEqual({ answer: "a form" });
      await insert(1);
      await run("UPDATE bills SET id = 'new'");
      expect(await dataOf(await post("/receipts/new"))).toEqual({ id: "new", total: 1 });
    });

    test("an endpoint that takes both answers both; only a GET may be kept", async () => {
      const read = await call("/echo/a");
      const posted = await call("/echo/a", { method: "POST" });
      expect([read, posted].map(({ headers }) => headers.get("cache-control"))).toEqual([
        "private, no-cache",
        "no-store",
      ]);
      expect(await dataOf(read)).toEqual(await dataOf(posted));
    });

    test("the deployment's methods are for endpoints that say nothing of theirs", async () => {
      const both = callerOf(buildOf(inject("compiled").addresses, engine), {
        ...bindings,
        ALLOWED_HTTP_METHODS: "GET",
      });
      const headers = await caller();
      await insert(1);
      expect((await both("/receipts/ann0", { method: "POST", headers })).status).toBe(200);
      expect((await both("/list-receipts", { headers })).status).toBe(200);
      const refused = await both("/receipts", { method: "POST", headers });
      expect([refused.status, refused.headers.get("allow")]).toEqual([405, "GET, HEAD, OPTIONS"]);
      expect(await dataOf(await both("/receipts", { headers }))).toHaveLength(1);
    });

    test("a GET takes no key: it may be repeated as it is", async () => {
      const key = { "idempotency-key": "one" };
      await dataOf(await get("/receipts", key));
      await insert(1);
      expect(await dataOf<Row[]>(await get("/receipts", key))).toHaveLength(1);
      expect(JSON.stringify(await run("SELECT * FROM sluice_idempotency_keys"))).not.toContain("list-receipts");
    });

    test("a POST with the same key at another address is another request", async () => {
      await insert(2);
      const key = { "idempotency-key": crypto.randomUUID() };
      expect(await dataOf(await post("/receipts/ann0", undefined, key))).toEqual({ id: "ann0", total: 1 });
      expect(await dataOf(await post("/receipts/ann0", undefined, key))).toEqual({ id: "ann0", total: 1 });
      for (const path of ["/receipts/ann1", "/receipts/ann0?by=5"]) {
        await expectProblem(await post(path, undefined, key), 422, "idempotency_key_reused");
      }
    });

    test("CORS: a page of another origin reads, and may keep what it read", async () => {
      const headers = { origin: "https://app.example", "access-control-request-method": "GET" };
      const preflight = await call("/receipts", { method: "OPTIONS", headers });
      expect(preflight.headers.get("access-control-allow-methods")).toContain("GET");
      const response = await get("/receipts", { origin: "https://app.example" });
      expect(response.headers.get("access-control-allow-origin")).toBe("https://app.example");
      expect(response.headers.get("vary")).toBe("x-access-token, Origin");
      expect(response.headers.get("access-control-expose-headers")).toContain("ETag");
    });
  });

  describe("conditional GET", () => {
    test("304 for the same answer, with the same headers; 200 once it has changed", async () => {
      await insert(1);
      const first = await get("/receipts");
      const etag = first.headers.get("etag") ?? "";
      expect(etag).toMatch(/^W\/"[0-9a-f]{32}"$/);
      const body = await first.text();
      const same = await get("/receipts", { "if-none-match": etag });
      expect([same.status, await same.text()]).toEqual([304, ""]);
      for (const name of ["etag", "cache-control", "vary"])
        expect(same.headers.get(name)).toBe(first.headers.get(name));
      expect(same.headers.get("content-type")).toBeNull();
      for (const list of [etag.slice(2), `"other", ${etag}`, "*", `W/"a,b",${etag}`]) {
        expect([list, (await get("/receipts", { "if-none-match": list })).status]).toEqual([list, 304]);
      }
      for (const list of ['W/"other"', etag.slice(3, -1), "", etag.toUpperCase()]) {
        expect([list, (await get("/receipts", { "if-none-match": list })).status]).toEqual([list, 200]);
      }
      await run("UPDATE bills SET total = 9");
      const changed = await get("/receipts", { "if-none-match": etag });
      expect([changed.status, changed.headers.get("etag") === etag, (await changed.text()) === body]).toEqual([
        200,
        false,
        false,
      ]);
    });

    test("HEAD answers the same headers and no body", async () => {
      await insert(1);
      const read = await get("/receipts");
      const head = await call("/receipts", { method: "HEAD", headers: await caller() });
      expect([head.status, await head.text()]).toEqual([200, ""]);
      for (const name of ["etag", "cache-control", "vary", "content-type"]) {
        expect(head.headers.get(name)).toBe(read.headers.get(name));
      }
      const known = await caller("ann", { "if-none-match": read.headers.get("etag") ?? "" });
      expect((await call("/receipts", { method: "HEAD", headers: known })).status).toBe(304);
    });

    test("a refusal has no validator, and is kept by nobody", async () => {
      for (const response of [await call("/receipts"), await get("/receipts?limit=0"), await get("/receipts?x")]) {
        expect(response.status).toBeGreaterThan(400);
        expect(response.headers.get("etag")).toBeNull();
        expect(response.headers.get("cache-control")).toBe("no-store");
      }
    });
  });

  describe("links in a GET", () => {
    test("fifty receipts with links: two round trips, one row written, and nobody keeps them", async () => {
      const keys: string[] = [];
      for (let at = 0; at < 3; at++) {
        const row = await dataOf<Row>(await photo(`p${at}`));
        keys.push(row["file_key"] ?? "");
      }
      await insert(47);
      await run(`UPDATE bills SET file_key = '${keys[0]}' WHERE file_key IS NULL`);
      await run("DELETE FROM sluice_links");
      batches = 0;
      writes = 0;
      const response = await get("/photos");
      expect([batches, writes]).toEqual([2, 1]);
      expect([response.headers.get("cache-control"), response.headers.get("etag")]).toEqual(["no-store", null]);
      const rows = await dataOf<Row[]>(response);
      expect(rows).toHaveLength(50);
      for (const row of rows) expect(row["download_url"]).toContain("X-Amz-Signature=");
      expect((await call(rows[0]?.["download_url"] ?? "/none")).status).toBe(200);
      expect(await run("SELECT id FROM sluice_links")).toHaveLength(1);
    });
  });

  const photo = async (id: string) =>
    call(`/receipts/${id}/photos`, {
      method: "POST",
      headers: await caller("ann", MULTIPART),
      body: formBody([{ fileName: "r.png", body: png([9, 9, 9]) }]),
    });

  describe("path parameters", () => {
    test.each([
      ["r1", "r1"],
      ["a%2Fb", "a/b"],
      ["%2e%2e%2f%2e%2e", "../.."],
      ["..%5C..", "..\\.."],
      ["a%20b+c", "a b+c"],
      ["%25", "%"],
      ["%2525", "%25"],
      ["r%C3%A9sum%C3%A9", "résumé"],
      ["%F0%9F%A7%BE", "🧾"],
      ["résumé", "résumé"],
      [":value", ":value"],
      ["__proto__", "__proto__"],
      ["$PARAM.value", "$PARAM.value"],
      ["%7B%22a%22:1%7D", '{"a":1}'],
      ["x%0d%0aSet-Cookie:%20a=b", "x\r\nSet-Cookie: a=b"],
      ["null", "null"],
      ["a;b=c", "a;b=c"],
      ["'%20OR%201=1--", "' OR 1=1--"],
      ["x".repeat(2048), "x".repeat(2048)],
    ])("/echo/%s is decoded once", async (segment, value) => {
      const response = await call(`/echo/${segment}`);
      expect(response.headers.get("set-cookie")).toBeNull();
      expect(await dataOf(response)).toEqual({ value, text: `<${value}>` });
    });

    test.each(["%ff", "%zz", "%", "%C3", "a%E2%82", "%c0%af"])("/echo/%s is not UTF-8", async (segment) => {
      expect(await refusal(`/echo/${segment}`)).toEqual(["value", '"value" is not UTF-8 in percent-encoding.']);
    });

    test("2,048 characters are taken, one more is not", async () => {
      const detail = '"value" is longer than 2048 characters.';
      expect(await refusal(`/echo/${"x".repeat(2049)}`)).toEqual(["value", detail]);
    });

    test("a null character is refused as in a payload, or bound", async () => {
      const response = await call("/echo/a%00b");
      expect([200, 422]).toContain(response.status);
    });

    test.each(["/echo/.", "/echo/..", "/echo/%2e", "/echo/%2E%2e", "/echo/a/.."])(
      "%s is another path before anybody sees it",
      async (path) => {
        await expectProblem(await call(path), 404, "resource_not_found");
      },
    );

    test("rules say what each must be, and its type", async () => {
      expect(await dataOf(await call("/receipts/by-day/2026-02-28/7"))).toEqual({ day: "2026-02-28", nth: 7 });
      expect(await refusal("/receipts/by-day/2026-02-30/7")).toEqual([
        "day",
        '"day" expected a date such as 2026-01-31, found another.',
      ]);
      const { errors } = await expectProblem(await call("/receipts/by-day/x/-1"), 422, "parameter_invalid");
      expect(errors).toEqual([
        { parameter: "day", detail: "expected a date such as 2026-01-31, found another" },
        { parameter: "nth", detail: "expected a whole number of at least 0, found another" },
      ]);
    });

    test("a folder has them, each as one segment", async () => {
      const row = await dataOf<Row>(await photo("march%202026"));
      expect(row["file_key"]).toMatch(/^receipts\/march 2026\/photos\/[\w-]+\.png$/);
      for (const id of ["a%2Fb", "%2e%2e%2Fx", "a%5Cb", "a%00", "a%0a", "x".repeat(256), "%C3%A9".repeat(128)]) {
        await expectProblem(await photo(id), 422, "payload_invalid");
      }
    });

    test("a token is asked for before an address is read", async () => {
      for (const path of ["/receipts/%ff", "/receipts?limit=0", "/receipts?unknown=1"]) {
        await expectProblem(await call(path), 401, "unauthorized");
      }
    });
  });

  describe("query parameters", () => {
    test("are texts and numbers, with defaults, and null where they are missing", async () => {
      await insert(60);
      expect(await idsOf("/receipts")).toHaveLength(50);
      expect(await idsOf("/receipts?limit=3")).toEqual(["ann0", "ann1", "ann10"]);
      expect(await idsOf("/receipts?limit=&q=")).toHaveLength(50);
      expect(await idsOf("/receipts?least=58.0")).toEqual(["ann58", "ann59"]);
      expect(await idsOf("/receipts?q=+ann7%20")).toEqual(["ann7"]);
      expect(await idsOf("/receipts?q=ann7&limit=1&least=8")).toEqual([]);
      expect(await idsOf("/receipts?sent-by=a@example.com")).toEqual([]);
      expect(await idsOf("/receipts?")).toHaveLength(50);
    });

    test.each([
      ["limit=0", "limit", "expected a whole number from 1 to 100, found another"],
      ["limit=101", "limit", "expected a whole number from 1 to 100, found another"],
      ["limit=1.5", "limit", "expected a whole number from 1 to 100, found another"],
      [
        "limit=ten",
        "limit",
        "expected a whole number from 1 to 100 such as 12 or -0.5, whole ones up to 9007199254740991",
      ],
      [
        "limit=0x10",
        "limit",
        "expected a whole number from 1 to 100 such as 12 or -0.5, whole ones up to 9007199254740991",
      ],
      ["q=123456789012345678901", "q", "expected a word"],
      ["sent-by=x", "sent-by", "expected an e-mail address of at most 254 bytes, such as name@example.com"],
      ["lmit=1", "lmit", "is unknown; known are limit, least, q, sent-by"],
      ["LIMIT=1", "LIMIT", "is unknown; known are limit, least, q, sent-by"],
      ["=1", "", "is unknown; known are limit, least, q, sent-by"],
      ["limit[]=1", "limit[]", "is unknown; known are limit, least, q, sent-by"],
      ["__proto__=1", "__proto__", "is unknown; known are limit, least, q, sent-by"],
      ["constructor=1", "constructor", "is unknown; known are limit, least, q, sent-by"],
      ["toString", "toString", "is unknown; known are limit, least, q, sent-by"],
      ["limit=1&limit=1", "limit", "is repeated"],
      ["limit=1&limi%74=2", "limit", "is repeated"],
    ])("?%s is refused by name", async (search, parameter, fault) => {
      expect(await refusal(`/receipts?${search}`)).toEqual([parameter, `"${parameter}" ${fault}.`]);
    });

    test("every fault is told", async () => {
      const response = await get("/receipts?limit=0&sent-by=x&least=y");
      const { errors } = await expectProblem(response, 422, "parameter_invalid");
      expect((errors as { parameter: string }[]).map(({ parameter }) => parameter)).toEqual([
        "limit",
        "least",
        "sent-by",
      ]);
    });

    test.each(["q=%ff", "q=100%", "%zz=1"])("?%s is not UTF-8", async (search) => {
      expect(await refusal(`/receipts?${search}`)).toEqual([
        null,
        "The query string is not UTF-8 in percent-encoding.",
      ]);
    });

    test("ten thousand are refused without being read", async () => {
      const search = Array.from({ length: 10_000 }, (_, at) => `p${at}=1`).join("&");
      expect(await refusal(`/receipts?${search}`)).toEqual([null, "The query string is longer than 16384 characters."]);
      expect(await refusal(`/receipts?${"&limit=1".repeat(2000)}`)).toEqual(["limit", '"limit" is repeated.']);
    });

    test("an endpoint that names none ignores them", async () => {
      expect(await dataOf(await call(`/echo/a?limit=1&limit=2&%ff&${"x=1&".repeat(10_000)}`))).toEqual({
        value: "a",
        text: "<a>",
      });
    });

    test("of a POST, too", async () => {
      await insert(1);
      expect(await dataOf(await post("/receipts/ann0?by=10"))).toEqual({ id: "ann0", total: 10 });
      await expectProblem(await post("/receipts/ann0?times=2"), 422, "parameter_invalid");
    });
  });
}
