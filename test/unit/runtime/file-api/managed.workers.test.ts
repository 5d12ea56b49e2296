/** Which files the file API manages: its own, those of ABIs that say so, and none of the others, not even for their owner. */
import { reset } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { expect, test } from "vitest";
import { as, createCaller, dataOf as abiData, upload } from "../../../support/app.ts";
import { readStored, useFreshStorage } from "../../../support/database.ts";
import { claimId, planOf, uploadStep } from "../../../support/plans.ts";
import { dataOf, fileRoutes, listOf, red, uploadedBy, user, wire } from "./support.ts";

useFreshStorage();

const upTo = (name: string, fileApi: boolean) =>
  planOf([uploadStep({ fileApi, visibility: "private", folder: [{ from: "literal", value: name }, claimId] })], {
    id: `${name}-01`,
    resource: name,
  });
const deletion = planOf([{ mode: "delete-files", id: 1, maxKeys: 10 }], { id: "d-01", resource: "d" });
const call = createCaller([upTo("album", true), upTo("kyc", false), deletion]);
const ann = user("ann", call);
const MISSING = "f".repeat(24);

interface AbiFile {
  readonly id: string;
  readonly storage_key: string;
  readonly download_url: string;
}

async function storedBy(resource: "album" | "kyc"): Promise<AbiFile> {
  const [file] = await abiData<AbiFile[]>(await upload(call, `/${resource}`, await as("ann"), [red]));
  if (file === undefined) throw new Error("Nothing was stored");
  return file;
}

const rowOf = async (id: string) => env.DB.prepare("SELECT * FROM files WHERE id = ?").bind(id).first();
const setStatus = async (id: string, columns: string) =>
  env.DB.prepare(`UPDATE sluice_files SET ${columns} WHERE id = ?`).bind(id).run();
const opens = async (url: string) => {
  const answer = await call(url);
  await answer.body?.cancel();
  return answer.status === 200;
};

test.each(fileRoutes)(
  "%s: a document of another ABI is like one that never was, to its own owner",
  async (method, at) => {
    const document = await storedBy("kyc");
    const states = [
      "status = 'stored'",
      "expires_at = '2020-01-01T00:00:00.000Z'",
      "status = 'expired'",
      "status = 'deleted', expires_at = NULL, purge_at = '2999-01-01T00:00:00.000Z'",
      "status = 'gone'",
    ];
    const missing = await wire(await ann.send(at(MISSING), { method }));
    expect(missing).toContain("file_not_found");
    for (const columns of states) {
      await setStatus(document.id, columns);
      const before = await readStored();
      expect(await wire(await ann.send(at(document.id), { method })), columns).toBe(missing);
      expect(await readStored()).toEqual(before);
    }
  },
);

test.each(fileRoutes.filter(([method, at]) => method !== "PATCH" && !at("").includes("restore")))(
  "%s works for files of an ABI that says so",
  async (method, at) => {
    const { id } = await storedBy("album");
    expect((await ann.send(at(id), { method })).status).toBe(200);
  },
);

test("an ABI's file that is managed can be renamed", async () => {
  const { id } = await storedBy("album");
  const init = { method: "PATCH", body: '{"name":"b.png"}', headers: { "content-type": "application/json" } };
  const file = await dataOf(await ann.send(`/v1/upload/${id}`, init), "file Renamed Successfully");
  expect(file.meta["originalName"]).toBe("b.png");
});

test("an ABI's file that is managed can be deleted and restored", async () => {
  const { id, download_url: url } = await storedBy("album");
  await dataOf(await ann.send(`/v1/upload/${id}`, { method: "DELETE" }), "file Deleted Successfully");
  expect(await opens(url)).toBe(false);
  await dataOf(await ann.send(`/v1/upload/${id}/restore`, { method: "POST" }), "file Restored Successfully");
  expect(await opens(url)).toBe(true);
});

test("lists and counts hold what is managed, whatever they are narrowed by", async () => {
  const own = await uploadedBy(ann);
  const { id: shared } = await storedBy("album");
  await storedBy("kyc");
  const managed = [own._id, shared].toSorted();
  for (const query of ["", "?type=image/*", "?from=2020-01-01", "?cursor="]) {
    expect((await listOf(ann, query)).data.map(({ _id }) => _id).toSorted(), query).toEqual(managed);
  }
  expect(await listOf(ann, "?limit=1")).toMatchObject({ count: 2, pages: 2 });
  expect(await listOf(ann, "?prefix=kyc/")).toMatchObject({ count: 0, data: [], nextCursor: null });
  expect((await listOf(ann, "?visibility=private")).data.map(({ _id }) => _id)).toEqual([shared]);
});

test("a document stays for the link that its ABI gave, whatever its owner tries", async () => {
  const { id, storage_key: key, download_url: url } = await storedBy("kyc");
  const row = await rowOf(id);
  for (const [method, at] of fileRoutes) {
    const headers = { "idempotency-key": `${method} ${at("x")}`.replaceAll(" ", "-") };
    expect((await ann.send(at(id), { method, headers })).status).toBe(404);
  }
  expect(await rowOf(id)).toEqual(row);
  expect(await opens(url)).toBe(true);
  expect((await readStored()).objects).toEqual([key]);
});

test("an ABI's own deletion still takes both kinds", async () => {
  const keys = [(await storedBy("album")).storage_key, (await storedBy("kyc")).storage_key];
  const body = JSON.stringify(keys);
  const answer = await call("/d", {
    method: "POST",
    headers: await as("ann", { "content-type": "application/json" }),
    body,
  });
  expect(await abiData(answer)).toEqual(keys.map((key) => ({ storage_key: key, status: "deleted" })));
  expect(await readStored()).toMatchObject({ objects: [], files: [] });
});

test("what was stored before the upgrade stays managed", async () => {
  const own = await uploadedBy(ann);
  const row = (await rowOf(own._id)) ?? {};
  await reset();
  const upgrade = env.TEST_MIGRATIONS.findIndex((statement) => statement.includes("ADD file_api"));
  const run = async (statements: readonly string[]) => env.DB.batch(statements.map((sql) => env.DB.prepare(sql)));
  await run(env.TEST_MIGRATIONS.slice(0, upgrade));
  const { results } = await env.DB.prepare("SELECT name FROM pragma_table_info('sluice_files')").all<{
    name: string;
  }>();
  const names = results.map(({ name }) => name);
  expect(names).not.toContain("file_api");
  await env.DB.prepare(`INSERT INTO sluice_files (${names.join(", ")}) VALUES (${names.map(() => "?").join(", ")})`)
    .bind(...names.map((name) => row[name]))
    .run();
  await run(env.TEST_MIGRATIONS.slice(upgrade));
  expect(await rowOf(own._id)).toEqual({ ...row, stored_at: null, thumbnails: null });
  const { thumbnails: _none, thumbnailUrl: _nor, ...meta } = own.meta;
  expect((await listOf(ann)).data).toEqual([{ ...own, meta }]);
  expect((await listOf(ann, `?from=${own.createdAt}`)).data).toEqual([{ ...own, meta }]);
});
