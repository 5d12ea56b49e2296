/** Calls that are repeated under one key: at most one takes effect, on every endpoint alike. */
import { env } from "cloudflare:workers";
import { afterEach, expect, test, vi } from "vitest";
import { createIdempotencyKeys } from "../../../../src/runtime/idempotency/keys.ts";
import { d1 } from "../../../../src/databases/d1.ts";
import {
  as,
  createCaller,
  expectProblem,
  formBody,
  MULTIPART,
  type Call,
  type FormPart,
  concat,
} from "../../../support/app.ts";
import { readStored, useFreshStorage } from "../../../support/database.ts";
import { failingBatch } from "../../../support/faults.ts";
import { png } from "../../../support/pictures.ts";
import { claimId, planOf, queryStep, uploadStep } from "../../../support/plans.ts";
import { dataOf, expectRefusal, red, UPLOADED, uploadedBy, user } from "./support.ts";
import { runSweep } from "../../../support/build.ts";
import { pattern } from "../../../support/source.ts";
import { claim } from "../../../support/claim.ts";

useFreshStorage();

const ann = user("ann");
const blue: FormPart = { ...red, body: png([30, 30, 200]) };
const keyed = (key = "key-1") => ({ "idempotency-key": key });
const keys = async () => (await env.DB.prepare("SELECT * FROM sluice_idempotency_keys").all()).results;
const isReplay = (response: Response) => response.headers.get("idempotent-replayed") === "true";

/** What an answer says, its request id aside. */
const said = async (response: Response) => [response.status, await response.text()];

test("an upload that is repeated gives the first answer and stores nothing", async () => {
  const first = await ann.upload([red], "/v1/upload", keyed());
  const second = await ann.upload([red], "/v1/upload", keyed());
  expect([isReplay(first), isReplay(second)]).toEqual([false, true]);
  expect(await said(second)).toEqual(await said(first));
  expect((await readStored()).objects).toHaveLength(1);
});

test("the stored answer stays what it was, also when the file is no more", async () => {
  const file = await dataOf(await ann.upload([red], "/v1/upload", keyed()), UPLOADED);
  await ann.send(`/v1/upload/${file._id}`, { method: "DELETE" });
  expect(await dataOf(await ann.upload([red], "/v1/upload", keyed()), UPLOADED)).toEqual(file);
});

test.each<[string, readonly FormPart[], string]>([
  ["other bytes", [blue], "/v1/upload"],
  ["another file name", [{ ...red, fileName: "b.png" }], "/v1/upload"],
  ["another field", [{ ...red, name: "picture" }], "/v1/upload"],
  ["no declared type", [{ name: "file", fileName: "80:20 rule.png", body: red.body }], "/v1/upload"],
  ["a text field more", [red, { name: "a", body: "1" }], "/v1/upload"],
  ["a file more", [red, blue], "/v1/upload"],
  ["no file", [], "/v1/upload"],
  ["another path", [red], "/v1/upload/private"],
  ["a query string", [red], "/v1/upload?a=1"],
])("%s under the same key is refused", async (_, parts, path) => {
  await dataOf(await ann.upload([red], "/v1/upload", keyed()), UPLOADED);
  const before = await readStored();
  await expectRefusal(await ann.upload(parts, path, keyed()), 422, "idempotency_key_reused");
  expect(await readStored()).toEqual(before);
});

test("another boundary, other headers and a chunked body are the same request", async () => {
  await dataOf(await ann.upload([red], "/v1/upload", keyed()), UPLOADED);
  const body = new FormData();
  body.append("file", new File([red.body as Uint8Array<ArrayBuffer>], "80:20 rule.png", { type: "image/png" }));
  const again = await ann.send("/v1/upload", { method: "POST", body, headers: { ...keyed(), "x-more": "1" } });
  expect(isReplay(again)).toBe(true);
  const bytes = formBody([red]);
  const stream = new ReadableStream({
    start(controller) {
      for (let at = 0; at < bytes.length; at += 7) controller.enqueue(bytes.slice(at, at + 7));
      controller.close();
    },
  });
  const chunked = await ann.send("/v1/upload", { method: "POST", body: stream, headers: { ...MULTIPART, ...keyed() } });
  expect(isReplay(chunked)).toBe(true);
});

test("keys of two users, and of two endpoints, have nothing to do with each other", async () => {
  const endpoint = createCaller([planOf([uploadStep()])]);
  await dataOf(await ann.upload([red], "/v1/upload", keyed()), UPLOADED);
  await dataOf(await user("ben").upload([blue], "/v1/upload", keyed()), UPLOADED);
  const headers = { ...(await as("ann")), ...MULTIPART, ...keyed() };
  const other = await endpoint("/test", { method: "POST", headers, body: formBody([blue]) });
  expect([other.status, isReplay(other)]).toEqual([200, false]);
  expect((await readStored()).objects).toHaveLength(3);
});

test.each(["", " ", "a b", "ä", "x".repeat(256), "a, b"])("the key %j cannot be one", async (key) => {
  const response = await ann.upload([red], "/v1/upload", { "idempotency-key": key });
  await expectRefusal(response, 422, "idempotency_key_invalid");
  expect(await readStored()).toEqual({ objects: [], files: [], gallery: [] });
});

test.each(["!", "~", "x".repeat(255), '"8e03978e-40d5-43dd-bc93-6894a57f9324"'])("the key %j can", async (key) => {
  await dataOf(await ann.upload([red], "/v1/upload", keyed(key)), UPLOADED);
  expect(isReplay(await ann.upload([red], "/v1/upload", keyed(key)))).toBe(true);
});

test("an endpoint that knows no callers takes no keys", async () => {
  const open = planOf([uploadStep({ folder: [{ from: "literal", value: "open" }] })], {
    authentication: null,
  });
  const endpoint = createCaller([open]);
  const send = (headers: object) =>
    endpoint("/test", { method: "POST", headers: { ...MULTIPART, ...headers }, body: formBody([red]) });
  await expectProblem(await send(keyed()), 422, "idempotency_key_invalid");
  expect((await send({})).status).toBe(200);
});

/** Long enough that it is known what the file is, and its key claimed, before all of it has come. */
const long: FormPart = { ...red, body: concat([red.body as Uint8Array, pattern(20_000)]) };

/** A body that stands still before its last bytes until it is told to go on. */
function slowBody() {
  const bytes = formBody([long]);
  const pause = bytes.length - 200;
  let finish = () => {};
  const body = new ReadableStream({
    start(controller) {
      controller.enqueue(bytes.slice(0, pause));
      finish = () => {
        controller.enqueue(bytes.slice(pause));
        controller.close();
      };
    },
  });
  return { body, finish: () => finish() };
}

async function untilClaimed(count = 1): Promise<void> {
  while ((await keys()).length < count) await scheduler.wait(5);
}

test("while a call is running another one is 409, and gets its answer afterwards", async () => {
  const { body, finish } = slowBody();
  const running = ann.send("/v1/upload", { method: "POST", body, headers: { ...MULTIPART, ...keyed() } });
  await untilClaimed();
  const refused = await ann.upload([long], "/v1/upload", keyed());
  expect(refused.headers.get("retry-after")).toBe("2");
  await expectRefusal(refused, 409, "idempotency_in_flight");
  finish();
  const first = await running;
  const second = await ann.upload([long], "/v1/upload", keyed());
  expect(isReplay(second)).toBe(true);
  expect(await said(second)).toEqual(await said(first));
  expect((await readStored()).objects).toHaveLength(1);
});

test("of many calls at once one takes effect", async () => {
  const answers = await Promise.all(Array.from({ length: 8 }, () => ann.upload([long], "/v1/upload", keyed())));
  const statuses = answers.map((answer) => answer.status);
  expect(statuses.filter((status) => status !== 200 && status !== 409)).toEqual([]);
  expect(statuses).toContain(200);
  expect((await readStored()).objects).toHaveLength(1);
});

test("a call that was given up for dead cannot succeed after another one has", async () => {
  const { body, finish } = slowBody();
  const slow = ann.send("/v1/upload", { method: "POST", body, headers: { ...MULTIPART, ...keyed() } });
  await untilClaimed();
  await env.DB.prepare("UPDATE sluice_idempotency_keys SET claimed_at = '2026-01-01T00:00:00.000Z'").run();
  const file = await dataOf(await ann.upload([long], "/v1/upload", keyed()), UPLOADED);
  finish();
  await expectRefusal(await slow, 409, "idempotency_in_flight");
  expect((await readStored()).objects).toEqual([file.name]);
  expect(await dataOf(await ann.upload([long], "/v1/upload", keyed()), UPLOADED)).toEqual(file);
});

/** Only what a call sets up itself is not of this test's time. */
const holdTimers = () => vi.useFakeTimers({ toFake: ["setInterval", "clearInterval"] });
afterEach(() => void vi.useRealTimers());
const ageOfClaim = async () => Date.now() - Date.parse(String((await keys())[0]?.["claimed_at"]));
const makeOld = () =>
  env.DB.prepare("UPDATE sluice_idempotency_keys SET claimed_at = '2026-01-01T00:00:00.000Z'").run();

test("a call whose body comes slowly renews its claim every ten seconds, until it ends", async () => {
  holdTimers();
  const { body, finish } = slowBody();
  const running = ann.send("/v1/upload", { method: "POST", body, headers: { ...MULTIPART, ...keyed() } });
  await untilClaimed();
  for (let minute = 0; minute < 3; minute++) {
    await makeOld();
    vi.advanceTimersByTime(9_999);
    expect(await ageOfClaim()).toBeGreaterThan(60_000);
    vi.advanceTimersByTime(1);
    while ((await ageOfClaim()) > 10_000) await scheduler.wait(5);
    await expectRefusal(await ann.upload([long], "/v1/upload", keyed()), 409, "idempotency_in_flight");
  }
  finish();
  expect((await running).status).toBe(200);
  expect(vi.getTimerCount()).toBe(0);
});

test("a renewal that fails does not fail the call", async () => {
  holdTimers();
  const log = vi.spyOn(console, "warn").mockReturnValue();
  const broken = user("ann", createCaller([], { DB: failingBatch(env.DB, 2, "before") }));
  const { body, finish } = slowBody();
  const running = broken.send("/v1/upload", { method: "POST", body, headers: { ...MULTIPART, ...keyed() } });
  await untilClaimed();
  vi.advanceTimersByTime(10_000);
  while (!log.mock.calls.some(([line]) => String(line).includes("idempotency_key_not_renewed")))
    await scheduler.wait(5);
  finish();
  expect((await running).status).toBe(200);
  log.mockRestore();
});

test("a call that lost its key renews nothing of the other's", async () => {
  holdTimers();
  const { body, finish } = slowBody();
  const slow = ann.send("/v1/upload", { method: "POST", body, headers: { ...MULTIPART, ...keyed() } });
  await untilClaimed();
  await env.DB.prepare(
    "UPDATE sluice_idempotency_keys SET token = 'another', claimed_at = '2026-01-01T00:00:00.000Z'",
  ).run();
  vi.advanceTimersByTime(10_000);
  finish();
  await expectRefusal(await slow, 409, "idempotency_in_flight");
  expect(await ageOfClaim()).toBeGreaterThan(60_000);
  expect(vi.getTimerCount()).toBe(0);
});

test.each<[string, number, (call: Call) => Promise<Response>]>([
  ["a refused upload", 415, (call) => user("ann", call).upload([{ ...red, type: "image/gif" }], "/v1/upload", keyed())],
  ["an ABI whose answer comes with the last batch", 200, (call) => store(call, red)],
  [
    "a deletion",
    200,
    async (call) => {
      const { _id } = await uploadedBy(ann);
      return user("ann", call).send(`/v1/upload/${_id}`, { method: "DELETE", headers: keyed() });
    },
  ],
  [
    "a deletion of nothing",
    404,
    (call) => user("ann", call).send("/v1/upload/000000000000000000000000", { method: "DELETE", headers: keyed() }),
  ],
])("%s leaves no timer", async (_, status, send) => {
  holdTimers();
  expect((await send(createCaller([storing]))).status).toBe(status);
  expect(vi.getTimerCount()).toBe(0);
});

test.each([
  [29_999, "in_flight"],
  [30_000, "claimed"],
])("a claim that was not renewed for %i ms: %s", async (age, state) => {
  const database = d1.open({ text: () => "", binding: () => env.DB });
  const registry = createIdempotencyKeys(database, d1.dialect);
  const name = { owner: "ann", scope: "test", key: "key-1" };
  const began = new Date("2026-01-22T12:00:00.000Z");
  const renewed = new Date(began.getTime() + 60_000);
  const first = await claim(database, registry, name, began);
  await registry.renew(name, first.state === "claimed" ? first.token : "", renewed);
  expect(await claim(database, registry, name, new Date(renewed.getTime() + age))).toMatchObject({ state });
});

test("a refused call gives its key back", async () => {
  await expectRefusal(
    await ann.upload([{ ...red, type: "image/gif" }], "/v1/upload", keyed()),
    415,
    "file_type_mismatch",
  );
  expect(await keys()).toEqual([]);
  expect(isReplay(await ann.upload([blue], "/v1/upload", keyed()))).toBe(false);
});

// One file: batch 1 claims the key and reserves the file, 2 commits.
test.each([1, 2])("a database that fails at batch %i costs nothing: the repeat succeeds", async (batch) => {
  const broken = user("ann", createCaller([], { DB: failingBatch(env.DB, batch, "before") }));
  await expectRefusal(await broken.upload([red], "/v1/upload", keyed()), 503, "database_unavailable");
  expect(await keys()).toEqual([]);
  await dataOf(await ann.upload([red], "/v1/upload", keyed()), UPLOADED);
  expect((await readStored()).objects).toHaveLength(1);
});

test("a claim whose answer was lost does not hold the key", async () => {
  const broken = user("ann", createCaller([], { DB: failingBatch(env.DB, 1, "after") }));
  await expectRefusal(await broken.upload([red], "/v1/upload", keyed()), 503, "database_unavailable");
  expect(await keys()).toEqual([]);
});

test("a commit whose answer was lost is not repeated: the second call gets the answer", async () => {
  const broken = user("ann", createCaller([], { DB: failingBatch(env.DB, 2, "after") }));
  await expectRefusal(await broken.upload([red], "/v1/upload", keyed()), 503, "database_unavailable");
  const file = await dataOf(await ann.upload([red], "/v1/upload", keyed()), UPLOADED);
  expect((await readStored()).objects).toEqual([file.name]);
});

test("after 24 hours a key is forgotten, by a call or by the sweep", async () => {
  await dataOf(await ann.upload([red], "/v1/upload", keyed()), UPLOADED);
  const [row] = await keys();
  expect(Date.parse(String(row?.["expires_at"])) - Date.parse(String(row?.["claimed_at"]))).toBe(86_400_000);
  const age = () => env.DB.prepare("UPDATE sluice_idempotency_keys SET expires_at = '2026-01-01T00:00:00.000Z'").run();
  await age();
  expect(isReplay(await ann.upload([blue], "/v1/upload", keyed()))).toBe(false);
  expect((await readStored()).objects).toHaveLength(2);
  await age();
  await runSweep(env);
  expect(await keys()).toEqual([]);
});

test("a deletion that is repeated is the same deletion", async () => {
  const file = await uploadedBy(ann);
  const remove = (id: string) => ann.send(`/v1/upload/${id}`, { method: "DELETE", headers: keyed() });
  const first = await remove(file._id);
  const second = await remove(file._id);
  expect([isReplay(first), isReplay(second)]).toEqual([false, true]);
  expect(await said(second)).toEqual(await said(first));
  await expectRefusal(await remove("000000000000000000000000"), 422, "idempotency_key_reused");
  const missing = { method: "DELETE", headers: keyed("key-2") };
  await expectRefusal(await ann.send(`/v1/upload/${file._id}`, missing), 404, "file_not_found");
  await ann.send(`/v1/upload/${file._id}/restore`, { method: "POST" });
  expect(isReplay(await ann.send(`/v1/upload/${file._id}`, missing))).toBe(false);
});

test("a link that is asked for twice under one key is one link", async () => {
  const file = await uploadedBy(ann);
  const ask = (body: object, headers: object = keyed()) =>
    ann.send(`/v1/upload/${file._id}/links`, {
      method: "POST",
      headers: { "content-type": "application/json", ...headers },
      body: JSON.stringify(body),
    });
  const terms = { expires: 60, max_downloads: 1, disposition: "attachment; filename=a.png" };
  const first = await ask(terms);
  const second = await ask(terms);
  expect([isReplay(first), isReplay(second)]).toEqual([false, true]);
  const { data } = await first.clone().json<{ data: { url: string } }>();
  expect(await said(second)).toEqual(await said(first));
  // Two addresses of one link share its one download.
  expect((await ann.send(data.url)).status).toBe(200);
  expect((await ann.send(data.url)).status).toBe(410);
  const { results } = await env.DB.prepare("SELECT * FROM sluice_links WHERE file_id = ?1").bind(file._id).all();
  expect(results).toHaveLength(1);
  expect(JSON.stringify([await keys(), results])).not.toContain("X-Amz-Signature");
  await expectRefusal(await ask({ ...terms, expires: 61 }), 422, "idempotency_key_reused");
  const missing = `/v1/upload/000000000000000000000000/links`;
  const refused = () => ann.send(missing, { method: "POST", headers: keyed("key-2") });
  await expectRefusal(await refused(), 404, "file_not_found");
  await expectRefusal(await refused(), 404, "file_not_found");
  // The default life, once its setting has changed.
  const plain = await ask({}, keyed("key-3"));
  const other = user("ann", createCaller([], { DOWNLOAD_LINK_SECONDS: "7" }));
  const again = await other.send(`/v1/upload/${file._id}/links`, {
    method: "POST",
    headers: { "content-type": "application/json", ...keyed("key-3") },
    body: "{}",
  });
  expect(await said(again)).toEqual(await said(plain));
});

const insert = "INSERT INTO gallery (id, user_id, storage_key, url, file_size, created_at, updated_at) ";
/** The answer is the row of the last batch, so it is only known when that is through. */
const storing = planOf([
  uploadStep(),
  queryStep({
    sql: `${insert} VALUES (?1, ?2, ?3, 'x', 1, 'now', 'now') RETURNING id, storage_key`,
    parameters: [
      { value: { from: "generator", kind: "KSUID" }, type: "any" },
      { value: claimId, type: "any" },
      { value: { from: "element", path: ["storage_key"] }, type: "any" },
    ],
    each: { from: "result", step: 0, path: [] },
  }),
]);
const deletingStep = { mode: "delete-files", id: 1, maxKeys: 10 } as const;
const deleting = planOf([deletingStep], { id: "del", resource: "del" });

async function store(endpoint: Call, part: FormPart, key = "key-1"): Promise<Response> {
  const headers = { ...(await as("ann")), ...MULTIPART, ...keyed(key) };
  return endpoint("/test", { method: "POST", headers, body: formBody([part]) });
}

test("an ABI that stores files and rows does both once", async () => {
  const endpoint = createCaller([storing]);
  const first = await store(endpoint, red);
  const second = await store(endpoint, red);
  expect([first.status, isReplay(first), isReplay(second)]).toEqual([200, false, true]);
  expect(await said(second)).toEqual(await said(first));
  await expectProblem(await store(endpoint, blue), 422, "idempotency_key_reused");
  const { objects, gallery } = await readStored();
  expect([objects.length, gallery.length]).toEqual([1, 1]);
});

test("an answer that could not be kept is waited for, then said to be lost, and nothing is done twice", async () => {
  // Batch 3 keeps the answer; the ABI's link takes one more.
  const plan = { ...storing, steps: [uploadStep({ issuesLinks: false }), ...storing.steps.slice(1)] };
  const broken = createCaller([plan], { DB: failingBatch(env.DB, 3, "before") });
  expect((await store(broken, red)).status).toBe(200);
  const again = await store(createCaller([plan]), red);
  expect(again.headers.get("retry-after")).toBe("2");
  await expectProblem(again, 409, "idempotency_in_flight");
  await env.DB.exec("UPDATE sluice_idempotency_keys SET claimed_at = '2026-01-01T00:00:00.000Z'");
  await expectProblem(await store(createCaller([plan]), red), 409, "idempotency_answer_lost");
  expect((await readStored()).objects).toHaveLength(1);
});

test("an ABI's deletion gives the same answer twice", async () => {
  const endpoint = createCaller([deleting]);
  const file = await uploadedBy(ann);
  const send = async (body: string) =>
    endpoint("/del", {
      method: "POST",
      headers: { ...(await as("ann")), "content-type": "application/json", ...keyed() },
      body,
    });
  const first = await send(JSON.stringify([file.name]));
  const second = await send(`  [ ${JSON.stringify(file.name)} ]`);
  expect(await said(second)).toEqual(await said(first));
  expect(isReplay(second)).toBe(true);
  await expectProblem(await send(JSON.stringify(["other"])), 422, "idempotency_key_reused");
});

test.each([
  [900, 200],
  [1000, 409],
])("an answer about %i long keys, repeated, is %i", async (count, status) => {
  const endpoint = createCaller([{ ...deleting, steps: [{ ...deletingStep, maxKeys: 1000 }] }]);
  const body = JSON.stringify(Array.from({ length: count }, (_, index) => String(index).padStart(1000, "x")));
  const send = async () =>
    endpoint("/del", {
      method: "POST",
      headers: { ...(await as("ann")), "content-type": "application/json", ...keyed() },
      body,
    });
  expect((await send()).status).toBe(200);
  const again = await send();
  expect(again.status).toBe(status);
  if (status === 409) await expectProblem(again, 409, "idempotency_answer_lost");
});

test("a token is asked for before a key is looked at", async () => {
  const response = await createCaller([])("/v1/upload", { method: "POST", headers: { ...MULTIPART, ...keyed("a b") } });
  await expectRefusal(response, 401, "unauthorized");
  expect(await keys()).toEqual([]);
});
