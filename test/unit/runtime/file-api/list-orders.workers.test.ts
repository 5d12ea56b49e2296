/** Lists by name, in other orders, and of the trash: parameters, cursors, and what they read. */
import { env } from "cloudflare:workers";
import { beforeEach, expect, test } from "vitest";
import { createCaller } from "../../../support/app.ts";
import { useFreshStorage } from "../../../support/database.ts";
import { countReads, explain, recordStatements } from "../../../support/statements.ts";
import { dataOf, expectRefusal, listOf, red, uploadedBy, user, type ListPage } from "./support.ts";

useFreshStorage();

const ann = user("ann");
const COUNT = 60;
const names = ["b.txt", "Änderung.pdf", "a 100%.txt", "A.txt", "_.gif"];
const idOf = (number: number) => number.toString(16).padStart(24, "0");

beforeEach(async () => {
  const rows = Array.from({ length: COUNT }, (_, number) => ({
    id: idOf(number),
    name: names[number % names.length],
    size: number % 7,
    created_at: new Date(Date.UTC(2026, 0, 1 + Math.floor(number / 4))).toISOString(),
  }));
  await env.DB.prepare(
    "INSERT INTO sluice_files (id, owner, storage_key, status, visibility, endpoint, original_file_name, file_type, extension, file_size, created_at, updated_at) " +
      "SELECT value->>'id', 'ann', 'k/' || (value->>'id'), 'stored', 'private', 't', value->>'name', 'text/plain', 'x', value->>'size', value->>'created_at', value->>'created_at' FROM json_each(?)",
  )
    .bind(JSON.stringify(rows))
    .run();
});

const ids = (page: ListPage) => page.data.map((file) => file._id);

async function walk(query: string, limit: number): Promise<string[]> {
  const seen: string[] = [];
  for (let cursor: string | null = ""; cursor !== null;) {
    const page: ListPage = await listOf(ann, `?${query}&limit=${limit}&cursor=${cursor}`);
    seen.push(...ids(page));
    cursor = page.nextCursor;
  }
  return seen;
}

test.each(["newest", "oldest", "name", "size"])("sort=%s: by page number and by cursor the same", async (sort) => {
  const all = ids(await listOf(ann, `?sort=${sort}&limit=1000`));
  expect(new Set(all).size).toBe(COUNT);
  expect(await walk(`sort=${sort}`, 7)).toEqual(all);
  expect(ids(await listOf(ann, `?sort=${sort}&limit=7&page=3`))).toEqual(all.slice(14, 21));
  const some = ids(await listOf(ann, `?sort=${sort}&limit=1000&name=A`));
  expect(some).toHaveLength((COUNT / names.length) * 2);
  expect(await walk(`sort=${sort}&name=A`, 5)).toEqual(some);
});

test("without an order the newest are first", async () => {
  expect(ids(await listOf(ann, "?limit=1000"))).toEqual(ids(await listOf(ann, "?limit=1000&sort=newest")));
  expect(ids(await listOf(ann, "?limit=1&sort=newest"))).toEqual([idOf(COUNT - 1)]);
  expect(ids(await listOf(ann, "?limit=1&sort=oldest"))).toEqual([idOf(0)]);
});

test("a name is found in upper and lower case, and its signs are signs", async () => {
  const found = async (name: string) => (await listOf(ann, `?name=${encodeURIComponent(name)}`)).count;
  expect(await found("ÄND")).toBe(12);
  expect(await found("a 100%")).toBe(12);
  expect(await found("%")).toBe(12);
  expect(await found("_")).toBe(12);
  expect(await found(".TXT")).toBe(36);
  expect(await found("b_txt")).toBe(0);
  expect(await found("")).toBe(COUNT);
  expect(await found("' OR 1=1 --")).toBe(0);
});

test("a cursor goes on with its own name, order and status alone", async () => {
  const { nextCursor } = await listOf(ann, "?limit=2&sort=name&name=a");
  const go = async (query: string) => ann.send(`/v1/upload?limit=2&cursor=${nextCursor ?? ""}&${query}`);
  expect((await go("sort=name&name=a")).status).toBe(200);
  for (const query of ["", "sort=name", "name=a", "sort=size&name=a", "sort=name&name=b", "sort=name&name=A"]) {
    expect(await expectRefusal(await go(query), 422, "parameter_invalid")).toMatchObject({ parameter: "cursor" });
  }
  await expectRefusal(await go("sort=name&name=a&status=deleted"), 422, "parameter_invalid");
});

test.each([
  ["sort", "sort="],
  ["sort", "sort=Newest"],
  ["sort", "sort=-name"],
  ["sort", "sort=name&sort=size"],
  ["sort", "sort=toString"],
  ["status", "status=pending"],
  ["status", "status=gone"],
  ["status", "status="],
  ["name", `name=${"a".repeat(256)}`],
  [
    "name",
    `name=${encodeURIComponent(Array.from({ length: 31 }, (_, index) => String.fromCodePoint(0x430 + index)).join(""))}`,
  ],
  ["name", "name=a&name=b"],
])("%s is refused: ?%s", async (parameter, query) => {
  const body = await expectRefusal(await ann.send(`/v1/upload?${query}`), 422, "parameter_invalid");
  expect(body).toMatchObject({ parameter });
});

test("the trash holds what was deleted until it is restored, and says until when that can be", async () => {
  const file = await uploadedBy(ann, [red], "/v1/upload/private");
  expect((await listOf(ann, "?status=deleted")).count).toBe(0);
  await dataOf(await ann.send(`/v1/upload/${file._id}`, { method: "DELETE" }), "file Deleted Successfully");
  const trash = await listOf(ann, "?status=deleted&sort=name&cursor=");
  expect(trash.data).toMatchObject([{ _id: file._id, status: false, meta: { restorableUntil: expect.any(String) } }]);
  expect((await listOf(ann, "?status=deleted&visibility=public")).count).toBe(0);
  expect((await listOf(user("ben"), "?status=deleted")).count).toBe(0);
  expect((await listOf(ann, "?status=stored")).count).toBe(COUNT);
  await dataOf(await ann.send(`/v1/upload/${file._id}/restore`, { method: "POST" }), "file Restored Successfully");
  expect((await listOf(ann, "?status=deleted")).count).toBe(0);
});

test("by time a page reads what it shows, also of the trash; by name and size it reads all", async () => {
  await env.DB.prepare("UPDATE sluice_files SET status = 'deleted', purge_at = '2999' WHERE id < ?")
    .bind(idOf(20))
    .run();
  const stored = COUNT - 20;
  const reading = async (query: string): Promise<number> => {
    const { database, read } = countReads(env.DB);
    await listOf(user("ann", createCaller([], { DB: database })), `?limit=5&cursor=&${query}`);
    return read();
  };
  for (const query of ["", "sort=oldest", "status=deleted", "status=deleted&sort=oldest"]) {
    expect(await reading(query), query).toBeLessThanOrEqual(2 * 6);
  }
  for (const query of ["sort=name", "sort=size", "name=nothing"]) {
    expect(await reading(query)).toBeGreaterThanOrEqual(stored);
    expect(await reading(query)).toBeLessThanOrEqual(2 * stored + 6);
  }
});

test("no list reads the whole table; those by time sort nothing", async () => {
  const recorded = recordStatements(env.DB);
  const someone = user("ann", createCaller([], { DB: recorded.database }));
  const plansOf = async (query: string) => {
    const { nextCursor } = await listOf(ann, `?limit=2&cursor=&${query}`);
    await listOf(someone, `?limit=2&cursor=${nextCursor ?? ""}&${query}`);
    return (await explain(env.DB, recorded.take())).join("; ");
  };
  for (const query of ["sort=oldest", "sort=name", "sort=size", "name=a", "status=deleted"]) {
    const plan = await plansOf(query);
    expect(plan).toMatch(
      /^SEARCH sluice_files USING INDEX sluice_files_by_owner \(owner=\? AND status=\? AND file_api=\?/,
    );
    expect(plan).not.toContain("SCAN");
    expect(plan.includes("TEMP B-TREE")).toBe(query === "sort=name" || query === "sort=size");
  }
});
