/** Files of one call that are received, registered and stored at the same time. */
import { env } from "cloudflare:workers";
import { expect, test } from "vitest";
import { as, concat, createCaller, expectProblem, formBody, MULTIPART, upload } from "../../../support/app.ts";
import type { FormPart } from "../../../support/app.ts";
import { readStored, useFreshStorage } from "../../../support/database.ts";
import { JPEG_START, png } from "../../../support/pictures.ts";
import { planOf, uploadStep } from "../../../support/plans.ts";
import { pattern } from "../../../support/source.ts";

useFreshStorage();

const NOTHING = { objects: [], files: [], gallery: [] };
const plan = planOf([uploadStep({ maxFiles: 20, issuesLinks: false })]);

/** A call of a binding that waits until it is let go. */
interface HeldCall {
  readonly name: string;
  release(): void;
  refuse(): void;
}

/** Bindings whose calls of these names wait. */
function hold(names: readonly string[]) {
  const held: HeldCall[] = [];
  let underWay = 0;
  let most = 0;
  const wrap = <Target extends object>(target: Target, kind: string): Target =>
    new Proxy(target, {
      get(_, property) {
        const member: unknown = Reflect.get(target, property);
        if (typeof member !== "function") return member;
        const name = `${kind}.${String(property)}`;
        const call = (...parameters: unknown[]): unknown => member.apply(target, parameters);
        if (!names.includes(name)) return call;
        return async (...parameters: unknown[]) => {
          most = Math.max(most, ++underWay);
          try {
            await new Promise<void>((resolve, reject) => {
              held.push({ name, release: resolve, refuse: () => reject(new Error("D1_ERROR: injected")) });
            });
            return await call(...parameters);
          } finally {
            underWay--;
          }
        };
      },
    });
  return {
    bindings: { BUCKET: wrap(env.BUCKET, "bucket"), DB: wrap(env.DB, "database") },
    held,
    most: () => most,
    until: async (count: number): Promise<void> => {
      while (held.length < count) await scheduler.wait(1);
    },
  };
}

const picture = (index: number): FormPart => ({
  fileName: `${index}.png`,
  type: "image/png",
  body: png([index * 10, 30, 30], 4 + index, 4),
});
const pictures = (count: number) => Array.from({ length: count }, (_, index) => picture(index));
const settle = () => scheduler.wait(50);

test("many small files need one reservation and one commit", async () => {
  const { bindings, held, until } = hold(["database.batch"]);
  const answer = upload(createCaller([plan], bindings), "/test", await as("u"), pictures(12));
  await until(1);
  await settle();
  expect(held).toHaveLength(1);
  expect((await env.BUCKET.list()).objects).toEqual([]);
  held[0]?.release();
  await until(2);
  expect((await env.BUCKET.list()).objects).toHaveLength(12);
  held[1]?.release();
  const { data } = await (await answer).json<{ data: { original_file_name: string; width: number }[] }>();
  expect(data.map((row) => row.original_file_name)).toEqual(pictures(12).map((part) => part.fileName));
  expect(data.map((row) => row.width)).toEqual(pictures(12).map((_, index) => 4 + index));
});

test("at most six objects are put at a time", async () => {
  const { bindings, held, most, until } = hold(["bucket.put"]);
  const answer = upload(createCaller([plan], bindings), "/test", await as("u"), pictures(15));
  for (let count = 1; count <= 15; count++) {
    await until(count);
    await settle();
    expect(held.length).toBe(Math.min(15, count + 5));
    held[count - 1]?.release();
  }
  expect((await answer).status).toBe(200);
  expect(most()).toBe(6);
});

test("a file that comes while a reservation is under way joins the next one, with all that wait", async () => {
  const { bindings, held, until } = hold(["database.batch"]);
  const bytes = formBody(pictures(9));
  const { readable, writable } = new IdentityTransformStream();
  const writer = writable.getWriter();
  const send = createCaller([plan], bindings);
  const answer = send("/test", { method: "POST", headers: { ...MULTIPART, ...(await as("u")) }, body: readable });
  await writer.write(bytes.slice(0, 400));
  await until(1);
  await writer.write(bytes.slice(400));
  await writer.close();
  await settle();
  expect(held).toHaveLength(1);
  held[0]?.release();
  await until(2);
  await settle();
  expect(held).toHaveLength(2);
  held[1]?.release();
  await until(3);
  held[2]?.release();
  expect((await answer).status).toBe(200);
  expect((await readStored()).objects).toHaveLength(9);
});

test("a later reservation is refused while earlier files are being put: they are taken back once they have arrived", async () => {
  const { bindings, held, until } = hold(["database.batch", "bucket.put"]);
  const bytes = formBody(pictures(3));
  const { readable, writable } = new IdentityTransformStream();
  const writer = writable.getWriter();
  const send = createCaller([plan], bindings);
  const answer = send("/test", { method: "POST", headers: { ...MULTIPART, ...(await as("u")) }, body: readable });
  const named = (name: string) => held.filter((call) => call.name === name);
  // The first two and the beginning of the third.
  const third = formBody(pictures(2)).length;
  await writer.write(bytes.slice(0, third - 40));
  await until(1);
  named("database.batch")[0]?.release();
  await until(2);
  await writer.write(bytes.slice(third - 40));
  await writer.close();
  while (named("database.batch").length < 2) await scheduler.wait(1);
  named("database.batch")[1]?.refuse();
  await settle();
  // Nothing is taken back while a put is under way.
  expect(named("database.batch")).toHaveLength(2);
  for (const put of named("bucket.put")) put.release();
  for (let next = 2; (await readStored()).files.length > 0 || next < 4; next++) {
    while (named("database.batch").length <= next) await scheduler.wait(1);
    named("database.batch")[next]?.release();
    await settle();
  }
  await expectProblem(await answer, 503, "database_unavailable");
  expect(await readStored()).toEqual(NOTHING);
});

test("the client dies with six puts under way: all are awaited, and nothing stays", async () => {
  const { bindings, held, until } = hold(["bucket.put"]);
  const bytes = formBody(pictures(9));
  const { readable, writable } = new IdentityTransformStream();
  const writer = writable.getWriter();
  const send = createCaller([plan], bindings);
  const answer = send("/test", { method: "POST", headers: { ...MULTIPART, ...(await as("u")) }, body: readable });
  await writer.write(bytes.slice(0, bytes.length - 100));
  await until(6);
  await writer.abort(new Error("gone"));
  await settle();
  expect((await readStored()).files.length).toBeGreaterThan(0);
  for (const put of held) put.release();
  await expectProblem(await answer, 400, "body_malformed");
  // Those that had not begun never do.
  expect(held).toHaveLength(6);
  expect(await readStored()).toEqual(NOTHING);
});

test("files that together exceed the isolate's memory go one after the other", async () => {
  const large = (index: number): FormPart => ({
    fileName: `${index}.jpg`,
    type: "image/jpeg",
    body: concat([JPEG_START, pattern(3_000_000, index + 1)]),
  });
  const { bindings, held, until } = hold(["bucket.put"]);
  // One buffer of 5 MiB, the window, and no room for a second file's bytes beyond the third that is kept for others.
  const call = createCaller([plan], { ...bindings, MAX_MEMORY_BYTES: String(8 << 20), MAX_JSON_BYTES: "1000" });
  const answer = upload(call, "/test", await as("u"), [large(0), large(1), large(2)]);
  for (let count = 1; count <= 3; count++) {
    await until(count);
    await settle();
    expect(held).toHaveLength(count);
    held[count - 1]?.release();
  }
  expect((await answer).status).toBe(200);
  expect((await readStored()).objects).toHaveLength(3);
});

test.each(["bucket.put", "database.batch"])("a slow %s beside a fast other", async (slow) => {
  const { bindings, held } = hold([slow]);
  const call = createCaller([plan], bindings);
  const running = new Set(["upload"]);
  const answer = upload(call, "/test", await as("u"), pictures(8)).finally(() => running.clear());
  while (running.size > 0) {
    await scheduler.wait(5);
    held.shift()?.release();
  }
  expect((await answer).status).toBe(200);
  expect((await readStored()).objects).toHaveLength(8);
});

test("repeats of a keyed call during all of it: one takes effect", async () => {
  const { bindings, held } = hold(["bucket.put", "database.batch"]);
  const call = createCaller([plan], bindings);
  const headers = { ...(await as("u")), "idempotency-key": "one" };
  const running = new Set(["a", "b", "c", "d", "e", "f"]);
  const answers = Array.from(running, (name) =>
    upload(call, "/test", headers, pictures(7)).finally(() => running.delete(name)),
  );
  while (running.size > 0) {
    await scheduler.wait(1);
    // The latest first.
    held.pop()?.release();
  }
  const statuses = (await Promise.all(answers)).map(({ status }) => status).toSorted();
  expect(statuses.filter((status) => status !== 200 && status !== 409)).toEqual([]);
  expect(statuses).toContain(200);
  expect((await readStored()).objects).toHaveLength(7);
  expect((await upload(createCaller([plan]), "/test", headers, pictures(7))).headers.get("idempotent-replayed")).toBe(
    "true",
  );
});
