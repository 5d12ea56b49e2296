/** Deleted, restored, expired: what a file's owner and everybody else see at each moment. */
import { env } from "cloudflare:workers";
import { expect, test } from "vitest";
import { as, createCaller } from "../../../support/app.ts";
import { readStored, useFreshStorage } from "../../../support/database.ts";
import { planOf } from "../../../support/plans.ts";
import { dataOf, expectRefusal, listOf, red, uploadedBy, user, type FileDocument } from "./support.ts";
import { runSweep } from "../../../support/build.ts";

useFreshStorage();

const call = createCaller([]);
const ann = user("ann");
const DELETED = "file Deleted Successfully";
const RESTORED = "file Restored Successfully";

const remove = (id: string, someone = ann) => someone.send(`/v1/upload/${id}`, { method: "DELETE" });
const restore = (id: string, someone = ann) => someone.send(`/v1/upload/${id}/restore`, { method: "POST" });
const set = (columns: string, id: string) =>
  env.DB.prepare(`UPDATE sluice_files SET ${columns} WHERE id = ?`).bind(id).run();
const rowOf = (id: string) => env.DB.prepare("SELECT * FROM files WHERE id = ?").bind(id).first();

/** Every way to reach a file answers the same refusal. */
async function expectUnreachable(
  file: FileDocument,
  url: string,
  status: number,
  code: "file_not_found" | "file_expired",
) {
  await expectRefusal(await ann.send(`/v1/upload/${file._id}`), status, code);
  await expectRefusal(await ann.send(`/v1/upload/url/${file._id}`), status, code);
  await expectRefusal(await remove(file._id), status, code);
  for (const address of [file.url, url]) {
    const answer = await call(address);
    expect([answer.status, (await answer.json<{ code: string }>()).code]).toEqual([status, code]);
  }
  expect((await listOf(ann)).data).toEqual([]);
}

test("a deleted file is gone for everybody at once, and comes back as it was", async () => {
  const file = await uploadedBy(ann);
  const url = await dataOf<string>(await ann.send(`/v1/upload/url/${file._id}`));
  const deleted = await dataOf(await remove(file._id), DELETED);
  expect(deleted).toMatchObject({ _id: file._id, status: false, createdAt: file.createdAt });
  expect(deleted.deletedAt).toBe(deleted.updatedAt);
  const kept = Date.parse(deleted.meta["restorableUntil"] as string) - Date.parse(deleted.deletedAt ?? "");
  expect(kept).toBe(30 * 86_400_000);
  expect(await rowOf(file._id)).toMatchObject({ status: "deleted", deleted_at: deleted.deletedAt });
  await expectUnreachable(file, url, 404, "file_not_found");
  await runSweep(env);
  expect((await readStored()).objects).toEqual([file.name]);

  const restored = await dataOf(await restore(file._id), RESTORED);
  expect({ ...restored, updatedAt: file.updatedAt }).toEqual(file);
  expect(await dataOf(await ann.send(`/v1/upload/${file._id}`))).toEqual(restored);
  for (const address of [file.url, url]) expect((await call(address)).status).toBe(200);
});

test("restoring what is not deleted changes nothing", async () => {
  const file = await uploadedBy(ann);
  const before = await readStored();
  expect(await dataOf(await restore(file._id), RESTORED)).toEqual(file);
  expect(await readStored()).toEqual(before);
});

test("without retention a deletion is final, and the sweep removes the object", async () => {
  const strict = user("ann", createCaller([], { RETENTION_SECONDS: "0" }));
  const file = await uploadedBy(ann);
  await dataOf(await remove(file._id, strict), DELETED);
  await expectRefusal(await restore(file._id), 404, "file_not_found");
  await runSweep(env);
  expect(await readStored()).toEqual({ objects: [], files: [], gallery: [] });
});

test("after its retention a file is missing, before the sweep and after it", async () => {
  const file = await uploadedBy(ann);
  await dataOf(await remove(file._id), DELETED);
  await set("purge_at = '2026-01-01T00:00:00.000Z'", file._id);
  await expectRefusal(await restore(file._id), 404, "file_not_found");
  await runSweep(env);
  await expectRefusal(await restore(file._id), 404, "file_not_found");
  expect(await readStored()).toEqual({ objects: [], files: [], gallery: [] });
});

test.each(["stored", "expired"])("an expired file is 410, with the status %s", async (status) => {
  const file = await uploadedBy(ann);
  const url = await dataOf<string>(await ann.send(`/v1/upload/url/${file._id}`));
  await set(`status = '${status}', expires_at = '2026-01-01', purge_at = '2026-01-01'`, file._id);
  await expectUnreachable(file, url, 410, "file_expired");
  await expectRefusal(await restore(file._id), 410, "file_expired");
  // A stranger learns nothing of it.
  await expectRefusal(await user("ben").send(`/v1/upload/${file._id}`), 404, "file_not_found");
  await runSweep(env);
  await expectRefusal(await ann.send(`/v1/upload/${file._id}`), 404, "file_not_found");
});

test("a deleted file whose life is over cannot be restored: 410", async () => {
  const file = await uploadedBy(ann);
  await dataOf(await remove(file._id), DELETED);
  await set("expires_at = '2026-01-01T00:00:00.000Z'", file._id);
  await expectRefusal(await restore(file._id), 410, "file_expired");
  await expectRefusal(await ann.send(`/v1/upload/${file._id}`), 404, "file_not_found");
});

test("two deletions at once: one succeeds; two restores at once: both may", async () => {
  const file = await uploadedBy(ann);
  const deletions = await Promise.all([remove(file._id), remove(file._id), remove(file._id)]);
  expect(deletions.map((answer) => answer.status).toSorted()).toEqual([200, 404, 404]);
  const restores = await Promise.all([restore(file._id), restore(file._id)]);
  expect(restores.map((answer) => answer.status)).toEqual([200, 200]);
  expect(await rowOf(file._id)).toMatchObject({ status: "stored", deleted_at: null, purge_at: null });
});

test("delete_files of an ABI is final at once, for files in the trash too", async () => {
  const deleting = planOf([{ mode: "delete-files", id: 1, maxKeys: 10 }]);
  const endpoint = createCaller([deleting]);
  const [kept, trashed] = [await uploadedBy(ann), await uploadedBy(ann)];
  await dataOf(await remove(trashed._id), DELETED);
  const answer = await endpoint("/test", {
    method: "POST",
    headers: await as("ann", { "content-type": "application/json" }),
    body: JSON.stringify([kept.name, trashed.name]),
  });
  expect(answer.status).toBe(200);
  expect(await readStored()).toEqual({ objects: [], files: [], gallery: [] });
  await expectRefusal(await restore(trashed._id), 404, "file_not_found");
});

test("a list shows the owner's files of every endpoint, and a pending one never", async () => {
  const file = await uploadedBy(ann, [red]);
  await set("status = 'pending'", file._id);
  expect(await listOf(ann)).toMatchObject({ count: 0, data: [] });
  await expectRefusal(await ann.send(`/v1/upload/${file._id}`), 404, "file_not_found");
  await expectRefusal(await remove(file._id), 404, "file_not_found");
  expect(await rowOf(file._id)).toMatchObject({ status: "pending" });
});
