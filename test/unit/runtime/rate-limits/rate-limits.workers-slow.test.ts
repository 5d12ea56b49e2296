/** `rate_limit`: exactly so many calls of each identifier pass, and a refused call costs nothing. */
import { env } from "cloudflare:workers";
import { beforeEach, describe, expect, inject, test } from "vitest";
import { as, dataOf, expectProblem, formBody, MULTIPART, token, tokenOf } from "../../../support/app.ts";
import { useFreshStorage } from "../../../support/database.ts";
import { png } from "../../../support/pictures.ts";
import { deliver, readJobs, recordingQueues } from "../jobs/support.ts";
import { from, openIsolate, post, tally, times, useFreshObjects } from "./counting.ts";
import { tableOf } from "./endpoints.ts";

useFreshStorage();
useFreshObjects();
beforeEach(async () => {
  await env.DB.exec(tableOf());
});

const rows = async () => (await env.DB.prepare("SELECT count(*) AS rows FROM visits").first<number>("rows")) ?? 0;
const fields = ({ headers }: Response) =>
  ["RateLimit", "RateLimit-Policy", "Retry-After"].map((name) => headers.get(name));

describe("exactly", () => {
  test("50 of 100 calls at once pass", async () => {
    const { call } = openIsolate();
    expect(await tally(times(100, () => call("/visits", from("192.0.2.1"))))).toEqual({ 200: 50, 429: 50 });
    expect(await rows()).toBe(50);
  });

  test("each identifier has a limit of its own, and so has each endpoint", async () => {
    const { call } = openIsolate();
    const headers = { ...(await as("ann")), "X-Client": "ann" };
    const paths = ["/by-caller", "/pictures", "/by-client"];
    for (const path of paths) expect(await tally(times(5, () => call(path, post(headers))))).toHaveProperty("429", 2);
    expect((await call("/by-caller", post(await as("bob")))).status).toBe(200);
  });

  test("the resource and the id are one endpoint", async () => {
    const { call } = openIsolate();
    const paths = ["/by-address", "/by-address-01"];
    expect(await tally(times(6, (index) => call(paths[index % 2] ?? "", from("192.0.2.1"))))).toEqual({
      200: 3,
      429: 3,
    });
  });
});

describe("a refused call", () => {
  test("no byte of a refused body is read", async () => {
    const { call } = openIsolate();
    const headers = await as("ann", MULTIPART);
    const send = (body: ReadableStream | Uint8Array<ArrayBuffer>) =>
      call("/pictures", { method: "POST", headers, body });
    const file = formBody([{ fileName: "a.png", type: "image/png", body: png([1, 2, 3]) }]);
    expect(await tally(times(3, () => send(file)))).toEqual({ 200: 3 });
    let pulls = 0;
    const body = new ReadableStream(
      {
        pull(controller) {
          pulls++;
          controller.enqueue(file);
        },
      },
      { highWaterMark: 0 },
    );
    await expectProblem(await send(body), 429, "rate_limited");
    expect(pulls).toBe(0);
  });
});

describe("what counts", () => {
  test("calls that the endpoint refuses, and repeats under a key", async () => {
    const { call } = openIsolate();
    const ann = await as("ann");
    await expectProblem(
      await call("/pictures", post({ ...ann, "content-type": "text/plain" })),
      415,
      "content_type_unsupported",
    );
    const form = { headers: { ...ann, ...MULTIPART, "Idempotency-Key": "one" }, method: "POST" };
    const body = () => formBody([{ fileName: "a.png", type: "image/png", body: png([1, 2, 3]) }]);
    const first = await call("/pictures", { ...form, body: body() });
    expect(fields(first)).toEqual(['"pictures-01";r=1;t=60', '"pictures-01";q=3;w=60', null]);
    const second = await call("/pictures", { ...form, body: body() });
    expect(second.headers.get("Idempotent-Replayed")).toBe("true");
    expect(fields(second)[0]).toBe('"pictures-01";r=0;t=60');
    await expectProblem(await call("/pictures", { ...form, body: body() }), 429, "rate_limited");
  });

  test("no wrong method, no bad token, no preflight", async () => {
    const { call, counts } = openIsolate();
    for (const method of ["GET", "HEAD", "PUT", "DELETE"])
      expect((await call("/by-caller", { method })).status).toBe(405);
    expect((await call("/by-caller", { method: "OPTIONS" })).status).toBe(204);
    await expectProblem(await call("/by-caller", post({ "x-access-token": "a.b.c" })), 401, "unauthorized");
    expect(counts).toEqual({ asked: 0, statements: 0 });
  });

  test("a call that makes a job, and not the job", async () => {
    const { bindings } = recordingQueues();
    const { call, counts } = openIsolate((take) => take, bindings);
    const answer = await call("/later", post(await as("ann")));
    expect([answer.status, fields(answer)[0]]).toEqual([202, '"later-01";r=2;t=60']);
    const { job_id: id } = await answer.json<{ readonly job_id: string }>();
    expect(await deliver(inject("compiled").rateLimits, [id])).toEqual(["ack"]);
    expect((await readJobs()).map(({ state }) => state)).toEqual(["done"]);
    expect(counts.asked).toBe(1);
  });

  test("GET where the deployment takes it, of the same limit as POST", async () => {
    const { call } = openIsolate((take) => take, { ALLOWED_HTTP_METHODS: "POST|GET" });
    const methods = ["GET", "POST"];
    const send = (index: number) => call("/by-address", { ...from("192.0.2.1"), method: methods[index % 2] ?? "" });
    expect(await tally(times(8, send))).toEqual({ 200: 3, 429: 5 });
  });
});

describe("what is told", () => {
  test("on a success", async () => {
    const { call } = openIsolate();
    const answer = await call("/by-address", from("192.0.2.1", { Origin: "https://a.example" }));
    expect(fields(answer)).toEqual(['"by-address-01";r=2;t=3600', '"by-address-01";q=3;w=3600', null]);
    expect(answer.headers.get("Access-Control-Expose-Headers")).toContain("RateLimit,RateLimit-Policy");
    expect(answer.headers.get("Server-Timing")).toMatch(/^auth;dur=[\d.]+, limit;dur=/);
    expect(await dataOf(answer)).toEqual([]);
  });

  test("on a refusal of the endpoint itself", async () => {
    const { call } = openIsolate();
    const answer = await call("/by-address", { ...from("192.0.2.1"), body: "text" });
    await expectProblem(answer, 415, "content_type_unsupported");
    expect(fields(answer)[0]).toBe('"by-address-01";r=2;t=3600');
  });

  test("on a refused call, by the object and by the isolate alike", async () => {
    const { call, counts } = openIsolate();
    for (let count = 0; count < 3; count++) await call("/by-address", from("192.0.2.1"));
    for (const asked of [4, 4]) {
      const refused = await call("/by-address", from("192.0.2.1"));
      expect(fields(refused)).toEqual(['"by-address-01";r=0;t=3600', '"by-address-01";q=3;w=3600', "3600"]);
      const detail = "Only 3 calls are taken in 3600 seconds. Try again in 3600 seconds.";
      expect(await expectProblem(refused, 429, "rate_limited")).toMatchObject({ detail, limit: 3 });
      expect(refused.headers.get("Content-Type")).toBe("application/problem+json");
      expect(counts.asked).toBe(asked);
    }
  });
});

describe("an address", () => {
  const networks: readonly (readonly [string, readonly string[]])[] = [
    ["IPv6 of one /64", times(8, (index) => `2001:db8:1:2::${(index + 1).toString(16)}`)],
    [
      "IPv6 in other spellings",
      ["2001:DB8:1:2::1", "2001:0db8:0001:0002:0000:0000:0000:0001", "2001:db8:1:2:ffff::", "2001:db8:1:2::9"],
    ],
    ["IPv4, also mapped into IPv6", ["192.0.2.9", "::ffff:192.0.2.9", "::FFFF:c000:209", "192.0.2.9"]],
  ];

  test.each(networks)("%s is one", async (_, addresses) => {
    const { call } = openIsolate();
    const counts = await tally(addresses.map((address) => call("/by-address", from(address))));
    expect(counts).toEqual({ 200: 3, 429: addresses.length - 3 });
  });

  test("of another /64 is another one", async () => {
    const { call } = openIsolate();
    expect(await tally(times(6, (index) => call("/by-address", from(`2001:db8:1:${index}::1`))))).toEqual({ 200: 6 });
  });

  test.each([["nothing"], ["none"], ["192.0.2.1, 192.0.2.2"], ["x".repeat(10_000)]])(
    "that is no address (%.20s) is refused",
    async (text) => {
      const { call, counts } = openIsolate();
      await expectProblem(
        await call("/by-address", text === "nothing" ? post() : from(text)),
        400,
        "identifier_invalid",
      );
      expect(counts.asked).toBe(0);
    },
  );
});

describe("a header", () => {
  test.each([
    ["missing", undefined],
    ["empty", ""],
    ["of 10 KB", "x".repeat(10_240)],
  ])("%s is refused", async (_, value) => {
    const { call, counts } = openIsolate();
    const headers = value === undefined ? {} : { "X-Client": value };
    const problem = await expectProblem(await call("/by-client", post(headers)), 400, "identifier_invalid");
    expect(JSON.stringify(problem)).not.toContain("xxx");
    expect(counts.asked).toBe(0);
  });

  test("of 255 bytes counts, letter by letter", async () => {
    const { call } = openIsolate();
    const long = "x".repeat(254);
    expect(await tally(times(4, () => call("/by-client", post({ "X-Client": `${long}a` }))))).toEqual({
      200: 3,
      429: 1,
    });
    expect((await call("/by-client", post({ "X-Client": `${long}A` }))).status).toBe(200);
  });
});

describe("a claim", () => {
  test.each([
    ["text", { id: "7" }],
    ["a number", { id: 7 }],
  ])("that is %s is the same caller", async (_, team) => {
    const { call } = openIsolate();
    const headers = { "x-access-token": await token({ team }) };
    const same = { "x-access-token": await token({ team: { id: 7, more: 1 } }) };
    expect(await tally(times(6, (index) => call("/by-team", post(index % 2 === 0 ? headers : same))))).toEqual({
      200: 3,
      429: 3,
    });
  });

  test("in any script", async () => {
    const { call } = openIsolate();
    const headers = await as("Ωμέγα-😀");
    expect(await tally(times(4, () => call("/by-caller", post(headers))))).toEqual({ 200: 3, 429: 1 });
    expect((await call("/by-caller", post(await as("Ωμέγα-😁")))).status).toBe(200);
  });

  test.each([
    ["missing", {}],
    ["null", { id: null }],
    ["an object", { id: { a: 1 } }],
    ["a list", { id: ["a"] }],
    ["true", { id: true }],
    ["a fraction", { id: 0.5 }],
    ["empty", { id: "" }],
    ["too long", { id: "x".repeat(256) }],
    ["with a line break", { id: "a\nb" }],
    ["no object's", "text"],
  ])("that is %s is refused, like every bad token", async (_, team) => {
    const { call, counts } = openIsolate();
    await expectProblem(await call("/by-team", post({ "x-access-token": await token({ team }) })), 401, "unauthorized");
    expect(counts).toEqual({ asked: 0, statements: 0 });
  });

  test("of 10 KB is refused with its token", async () => {
    const { call, counts } = openIsolate();
    const large = await tokenOf(JSON.stringify({ id: "x".repeat(10_240), exp: 4_000_000_000 }));
    await expectProblem(await call("/by-caller", post({ "x-access-token": large })), 401, "unauthorized");
    expect(counts.asked).toBe(0);
  });
});
