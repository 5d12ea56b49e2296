/** Lists: pages, cursors, filters, and which index each of them walks. */
import { env } from "cloudflare:workers";
import { beforeEach, expect, test } from "vitest";
import { createCaller, formBody, MULTIPART } from "../../../support/app.ts";
import { useFreshStorage } from "../../../support/database.ts";
import { explain, recordStatements } from "../../../support/statements.ts";
import { dataOf, expectRefusal, listOf, red, UPLOADED, uploadedBy, user, type ListPage } from "./support.ts";
import { OTHER_LINK_SECRET } from "../../../support/secrets.ts";

useFreshStorage();

const ann = user("ann");
const COUNT = 25;
const idOf = (number: number) => number.toString(16).padStart(24, "0");

/** Rows of files as they would be after uploads, several of each moment. */
async function seed(owner: string, count: number, first = 0): Promise<void> {
  const rows = Array.from({ length: count }, (_, index) => {
    const number = first + index;
    const visibility = number % 2 === 0 ? "public" : "private";
    return {
      id: idOf(number),
      owner,
      storage_key: `${visibility}/${owner}/${number}`,
      visibility,
      file_type: ["image/png", "image/jpeg", "application/pdf"][number % 3],
      created_at: new Date(Date.UTC(2026, 0, 1 + Math.floor(number / 4))).toISOString(),
    };
  });
  await env.DB.prepare(
    "INSERT INTO sluice_files (id, owner, storage_key, status, visibility, endpoint, original_file_name, file_type, extension, created_at, updated_at) " +
      "SELECT value->>'id', value->>'owner', value->>'storage_key', 'stored', value->>'visibility', 't', 'a', value->>'file_type', 'x', value->>'created_at', value->>'created_at' FROM json_each(?)",
  )
    .bind(JSON.stringify(rows))
    .run();
}

beforeEach(async () => {
  await seed("ann", COUNT);
  await seed("ben", 3, 1000);
});

const ids = (page: ListPage) => page.data.map((file) => file._id);
const newestFirst = Array.from({ length: COUNT }, (_, index) => idOf(COUNT - 1 - index));

async function walk(query: string): Promise<string[]> {
  const seen: string[] = [];
  for (let cursor: string | null = ""; cursor !== null;) {
    const page: ListPage = await listOf(ann, `?${query}&cursor=${cursor}`);
    expect(page).toMatchObject({ count: null, pages: null });
    seen.push(...ids(page));
    cursor = page.nextCursor;
  }
  return seen;
}

test("ten of a page unless asked otherwise, newest first", async () => {
  const page = await listOf(ann);
  expect(page).toMatchObject({ count: COUNT, pages: 3 });
  expect(ids(page)).toEqual(newestFirst.slice(0, 10));
  expect(ids(await listOf(ann, "?page=3"))).toEqual(newestFirst.slice(20));
});

test.each([1, 3, 4, 24, 25, 26])(
  "by cursor with a limit of %i each file comes once, in the same order",
  async (limit) => {
    expect(await walk(`limit=${limit}`)).toEqual(newestFirst);
  },
);

test("a page leads to a cursor, and a file that is new meanwhile moves nothing", async () => {
  const first = await listOf(ann, "?limit=10&page=1");
  await uploadedBy(ann);
  const second = await listOf(ann, `?limit=15&cursor=${first.nextCursor}`);
  expect([...ids(first), ...ids(second)]).toEqual(newestFirst);
  expect(second.nextCursor).toBeNull();
});

test("a cursor is bound to its caller, its filters, and itself", async () => {
  const { nextCursor } = await listOf(ann, "?limit=5&visibility=public");
  const cursor = nextCursor ?? "";
  expect(ids(await listOf(ann, `?limit=2&visibility=public&cursor=${cursor}`))).toHaveLength(2);
  const refused = async (someone: typeof ann, query: string) =>
    expect(await expectRefusal(await someone.send(`/v1/upload?${query}`), 422, "parameter_invalid")).toMatchObject({
      parameter: "cursor",
    });
  await refused(user("ben"), `visibility=public&cursor=${cursor}`);
  await refused(ann, `cursor=${cursor}`);
  await refused(ann, `visibility=private&cursor=${cursor}`);
  await refused(ann, `visibility=public&type=image/png&cursor=${cursor}`);
  await refused(ann, `visibility=public&cursor=${cursor}0`);
  await refused(ann, `visibility=public&cursor=${cursor.toUpperCase()}`);
  for (let position = 0; position < cursor.length; position += 1) {
    const other = cursor[position] === "1" ? "2" : "1";
    const altered = cursor.slice(0, position) + other + cursor.slice(position + 1);
    await refused(ann, `visibility=public&cursor=${altered}`);
  }
  const elsewhere = user("ann", createCaller([], { LINK_SECRET: OTHER_LINK_SECRET }));
  await refused(elsewhere, `visibility=public&cursor=${cursor}`);
});

test("who asks from the latest createdAt gets what was slower", async () => {
  const released = Promise.withResolvers<void>();
  const body = new ReadableStream({
    async start(controller) {
      controller.enqueue(formBody([red]).subarray(0, 200));
      await released.promise;
      controller.enqueue(formBody([red]).subarray(200));
      controller.close();
    },
  });
  const slow = ann.send("/v1/upload", { method: "POST", headers: MULTIPART, body });
  await scheduler.wait(5);
  const quick = await uploadedBy(ann);
  expect(ids(await listOf(ann, "?limit=1"))).toEqual([quick._id]);
  const ask = async () => listOf(ann, `?from=${quick.createdAt}`);
  expect(await ask()).toMatchObject({ count: 1, data: [quick] });
  released.resolve();
  const late = await dataOf(await slow, UPLOADED);
  expect(late.createdAt < quick.createdAt).toBe(true);
  expect(await ask()).toMatchObject({ count: 2, data: [quick, late] });
});

const filters: readonly (readonly [string, (number: number) => boolean])[] = [
  ["type=image/png", (number) => number % 3 === 0],
  ["type=IMAGE/PNG", (number) => number % 3 === 0],
  ["type=image/*", (number) => number % 3 !== 2],
  ["type=text/csv", () => false],
  ["visibility=private", (number) => number % 2 === 1],
  ["prefix=public/ann/1", (number) => number % 2 === 0 && `${number}`.startsWith("1")],
  ["prefix=%25", () => false],
  ["prefix=", () => true],
  ["from=2026-01-03", (number) => number >= 8],
  ["to=2026-01-03", (number) => number < 8],
  ["from=2026-01-02T00:00:00Z&to=2026-01-03T01:00:00%2B01:00", (number) => number >= 4 && number < 8],
  ["visibility=public&type=image/*&from=2026-01-02", (number) => number % 2 === 0 && number % 3 !== 2 && number >= 4],
];

test.each(filters)("?%s", async (query, matches) => {
  const expected = newestFirst.filter((id) => matches(Number.parseInt(id, 16)));
  const page = await listOf(ann, `?limit=1000&${query}`);
  expect(ids(page)).toEqual(expected);
  expect(page.count).toBe(expected.length);
  expect(await walk(`limit=3&${query}`)).toEqual(expected);
});

test("what cannot be read is not listed and not counted", async () => {
  const change = (set: string, number: number) =>
    env.DB.prepare(`UPDATE sluice_files SET ${set} WHERE id = ?`).bind(idOf(number));
  await env.DB.batch([
    change("status = 'deleted', deleted_at = 'x', purge_at = 'y'", 24),
    change("status = 'pending'", 23),
    change("status = 'gone'", 22),
    change("status = 'expired'", 21),
    change("expires_at = '2026-01-01T00:00:00.000Z'", 20),
    change("expires_at = '2999-01-01T00:00:00.000Z'", 19),
  ]);
  const page = await listOf(ann, "?limit=2");
  expect(page).toMatchObject({ count: COUNT - 5, pages: 10 });
  expect(ids(page)).toEqual([idOf(19), idOf(18)]);
});

test("no list reads the whole table or sorts, whatever the filter", async () => {
  const recorded = recordStatements(env.DB);
  const someone = user("ann", createCaller([], { DB: recorded.database }));
  const { nextCursor } = await listOf(ann, "?limit=2");
  for (const query of ["", "page=2&limit=3", "cursor=&limit=3", `cursor=${nextCursor}&limit=3`]) {
    await listOf(someone, `?${query}`);
  }
  for (const [query] of filters) await listOf(someone, `?cursor=&${query}`);
  const plans = await explain(env.DB, recorded.take());
  expect(plans).toHaveLength(6 + filters.length);
  for (const plan of plans) {
    expect(plan).toMatch(
      /^SEARCH sluice_files USING (?:COVERING )?INDEX sluice_files_by_owner \(owner=\? AND status=\? AND file_api=\?/,
    );
    expect(plan).not.toMatch(/SCAN|TEMP B-TREE/);
  }
  // From a cursor on the index is entered where the last page ended, not at its beginning.
  expect(plans[5]).toContain("(owner=? AND status=? AND file_api=? AND (created_at,id)<(?,?))");
});
