import { env } from "cloudflare:workers";
import { expect, test } from "vitest";
import { sweepLinks } from "../../../../src/runtime/links/sweep.ts";
import { signLink } from "../../../../src/runtime/links/signed-link.ts";
import { useFreshStorage } from "../../../support/database.ts";
import { linkKey } from "../../../support/secrets.ts";
import { bytes, issue, open, origin, registry, storeFile } from "./support.ts";

useFreshStorage();

const opened = { status: 200, length: bytes.length };
const revoked = { status: 410, code: "link_revoked" };

/** What an operator runs: see docs/links.md. */
const revokeAll = () => registry.revokeOwner(null);

test("revoking a file's links ends those at once, and no other's", async () => {
  const file = await storeFile();
  const other = await storeFile();
  const links = [await issue(file), await issue(file, { maxDownloads: 5 }), await issue(file, { address: "::1" })];
  const [plain = ""] = links;
  const kept = await issue(other);
  expect(await open(plain)).toMatchObject(opened);
  expect(await registry.revokeFile("42", file.id, new Date().toISOString())).toBe(true);
  for (const link of links) expect(await open(link, { "CF-Connecting-IP": "::1" })).toMatchObject(revoked);
  expect(await open(kept)).toMatchObject(opened);
  // A link that is issued from now on is another matter.
  const { file: current } = (await registry.find(file.storageKey))!;
  expect(await open(await issue(current))).toMatchObject(opened);
  expect(await open(plain)).toMatchObject(revoked);
});

test("revoking an owner's links ends those of all that owner's files", async () => {
  const files = [await storeFile(), await storeFile()];
  const foreign = await storeFile({ owner: "all" });
  const nobodys = await storeFile({ owner: null });
  const links = await Promise.all(files.map((file) => issue(file)));
  const kept = [await issue(foreign), await issue(nobodys)];
  await registry.revokeOwner("42");
  for (const link of links) expect(await open(link)).toMatchObject(revoked);
  for (const link of kept) expect(await open(link)).toMatchObject(opened);
  for (const file of files) expect(await open(await issue(file))).toMatchObject(opened);
  expect(await registry.epochOf("42")).toBe(1);
  // The owner who is called `all` is no operator.
  await registry.revokeOwner("all");
  expect(await open(kept[0] ?? "")).toMatchObject(revoked);
  expect(await open(kept[1] ?? "")).toMatchObject(opened);
  expect(await registry.epochOf(null)).toBe(0);
});

test("revoking all links ends all", async () => {
  const files = [await storeFile(), await storeFile({ owner: "7" }), await storeFile({ owner: null })];
  const links = await Promise.all(files.map((file) => issue(file)));
  await revokeAll();
  for (const link of links) expect(await open(link)).toMatchObject(revoked);
  for (const file of files) expect(await open(await issue(file))).toMatchObject(opened);
});

test("no mixture of revocations brings a link back", async () => {
  const file = await storeFile();
  const first = await issue(file);
  const now = new Date().toISOString();
  const revocations = [() => registry.revokeFile("42", file.id, now), () => registry.revokeOwner("42"), revokeAll];
  for (const revoke of [...revocations, ...revocations.toReversed()]) {
    await revoke();
    expect(await open(first)).toMatchObject(revoked);
  }
  const current = (await registry.find(file.storageKey))!;
  expect(current.epoch).toBe(6);
  expect(await open(await issue(current.file))).toMatchObject(opened);
});

test("a public file stays readable, its revoked links do not", async () => {
  const file = await storeFile({ visibility: "public" });
  const link = await issue(file);
  await registry.revokeFile("42", file.id, new Date().toISOString());
  expect(await open(link)).toMatchObject(revoked);
  expect(await open(link.replace(/\?.*/, ""))).toMatchObject(opened);
});

test("links that an S3 client signs are of epoch 0, or of the one that they name", async () => {
  const file = await storeFile();
  const request = { base: origin, key: file.storageKey, method: "GET", expiresSeconds: 60, now: new Date() } as const;
  const plain = await signLink(linkKey, request);
  expect(await open(plain)).toMatchObject(opened);
  await registry.revokeOwner("42");
  expect(await open(plain)).toMatchObject(revoked);
  expect(await open(await signLink(linkKey, { ...request, epoch: 1 }))).toMatchObject(opened);
  expect(await open(await signLink(linkKey, { ...request, epoch: 2 }))).toMatchObject(revoked);
});

test("what is no file any more says nothing of revocations", async () => {
  const file = await storeFile();
  const link = await issue(file);
  const now = new Date().toISOString();
  await env.DB.prepare("UPDATE sluice_files SET status = 'deleted', deleted_at = ?, purge_at = ?").bind(now, now).run();
  expect(await registry.revokeFile("42", file.id, now)).toBe(false);
  expect(await open(link)).toMatchObject({ code: "file_not_found" });
});

test("only the owner revokes", async () => {
  const file = await storeFile();
  const now = new Date().toISOString();
  expect(await registry.revokeFile("7", file.id, now)).toBe(false);
  expect(await registry.revokeFile("42", "f".repeat(24), now)).toBe(false);
  expect(await open(await issue(file))).toMatchObject(opened);
});

test("parallel revocations each count", async () => {
  const file = await storeFile();
  const now = new Date().toISOString();
  await Promise.all(Array.from({ length: 20 }, () => registry.revokeOwner("42")));
  await Promise.all(Array.from({ length: 20 }, () => registry.revokeFile("42", file.id, now)));
  expect((await registry.find(file.storageKey))?.epoch).toBe(40);
});

test("the sweep forgets a link's row when its retention is over, not before", async () => {
  const file = await storeFile();
  const issuedAt = new Date("2026-10-20T12:00:00.000Z");
  await issue(file, { expiresSeconds: 60 }, issuedAt);
  await issue(file, { expiresSeconds: 61 }, issuedAt);
  const after = (seconds: number) => new Date(issuedAt.getTime() + seconds * 1000);
  expect(await sweepLinks(registry, 100, after(160))).toBe(0);
  expect(await sweepLinks(registry, 100, after(161))).toBe(1);
  expect(await sweepLinks(registry, 100, after(162))).toBe(1);
  expect(await registry.list("42", file.id, 10)).toEqual([]);
});
