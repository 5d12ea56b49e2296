/** Every statement that the runtime writes itself, on PostgreSQL: what the rest of the tests run on D1 is portable. */
import { beforeEach, describe, expect, test } from "vitest";
import type { Database } from "../../../../../src/runtime/database/database.ts";
import { dialect } from "../../../../../src/runtime/database/postgres/dialect.ts";
import { probeDatabase } from "../../../../../src/runtime/database/probe-database.ts";
import { onPostgres, tables } from "../../../../../src/contract/tables.ts";
import { createFileCleanup } from "../../../../../src/runtime/files/cleanup.ts";
import { createFileLists, type ListPosition } from "../../../../../src/runtime/files/list.ts";
import { createManagedFiles } from "../../../../../src/runtime/files/managed.ts";
import type { NewFile } from "../../../../../src/runtime/files/row.ts";
import type { NewLink } from "../../../../../src/runtime/links/link.ts";
import { createManagedLinks } from "../../../../../src/runtime/links/managed.ts";
import { epochAbove, createLinkRegistry } from "../../../../../src/runtime/links/registry.ts";
import { noTerms } from "../../../../../src/runtime/links/terms.ts";
import { createReconcileTable } from "../../../../../src/runtime/files/reconcile-table.ts";
import { createOwnedFiles } from "../../../../../src/runtime/files/delete-owned.ts";
import { createFileRegistry } from "../../../../../src/runtime/files/registry.ts";
import type { JobPriority } from "../../../../../src/contract/plan.ts";
import type { Job } from "../../../../../src/runtime/jobs/job.ts";
import { createJobRegistry } from "../../../../../src/runtime/jobs/registry.ts";
import { forgetJobs } from "../../../../../src/runtime/jobs/operations.ts";
import { createScheduleClaims } from "../../../../../src/runtime/jobs/schedule/claims.ts";
import { createIdempotencyKeys } from "../../../../../src/runtime/idempotency/keys.ts";
import type { ObjectKey } from "../../../../../src/runtime/storage/object-key.ts";
import { code } from "../../../../contracts/database.ts";
import { engines, environmentWith, postgres } from "./engines.ts";
import { claim } from "../../../../support/claim.ts";

const NOW = "2026-01-02T03:04:05.678Z";
const LATER = "2026-01-03T03:04:05.678Z";
const MUCH_LATER = "2026-02-03T03:04:05.678Z";
const key = (name: string) => `folder/${name}` as ObjectKey;

const bare = { parameters: [], columns: {}, writes: true };

const newFile = (id: string): NewFile => ({
  id,
  owner: "owner",
  storageKey: key(id),
  visibility: "private",
  endpoint: "endpoint",
  originalFileName: "name.png",
  fileType: "image/png",
  extension: "png",
  fileApi: true,
  field: null,
  expiresAt: LATER,
  createdAt: NOW,
});
const findings = {
  fileType: "image/png",
  fileSize: 5_000_000_000,
  checksumSha256: "00",
  dominantColor: "#000000",
  thumbhash: null,
  width: 1,
  height: 2,
  thumbnails: null,
};
const everything = {
  type: "image/",
  visibility: "private",
  prefix: "folder/",
  name: null,
  from: NOW,
  to: LATER,
  status: "stored",
  now: NOW,
} as const;

describe.skipIf(postgres === null).each(engines)("the runtime's tables on %s", (_, engine) => {
  let database: Database;
  const openLinks = () => ({ ...createLinkRegistry(database, dialect), ...createManagedLinks(database, dialect) });
  const find = async (name: string) => (await openLinks().find(key(name)))?.file ?? null;
  const trash = () => createManagedFiles(database, dialect, epochAbove);
  const listed = async (position: ListPosition, limit: number) =>
    (await createFileLists(database, dialect, epochAbove).page("owner", everything, "newest", position, limit)).files;
  const storeFile = async (id: string) => {
    const registry = createFileRegistry(database, dialect);
    await database.batch([registry.reserving(newFile(id))]);
    await database.batch(registry.storing(id, findings, NOW));
  };

  beforeEach(async () => {
    database = engine.open(environmentWith());
    await database.batch([{ ...bare, sql: `TRUNCATE ${Object.keys(tables).map(onPostgres).join(", ")}` }]);
  });

  test("a file's life", async () => {
    const registry = createFileRegistry(database, dialect);
    await database.batch([registry.reserving(newFile("1"))]);
    await expect(database.batch([registry.reserving(newFile("1"))])).rejects.toSatisfy(code("unique_violation"));
    await registry.noteUpload("1", "upload", NOW);
    const storing = registry.storing("1", findings, NOW);
    await database.batch(storing);
    expect(await registry.abandon([key("1")], NOW)).toEqual(new Set([key("1")]));
    await expect(database.batch(storing)).rejects.toSatisfy(code("row_missing"));
    const { fileApi: _, field: _field, ...described } = newFile("1");
    const stored = { ...described, ...findings, status: "stored", linkEpoch: 0, deletedAt: null, updatedAt: NOW };
    expect(await find("1")).toMatchObject(stored);
    expect(await openLinks().findManaged("owner", "1")).toMatchObject({ file: stored, epoch: 0 });
    expect(await createOwnedFiles(database, dialect).find("owner", [key("1"), key("2")])).toEqual(new Set([key("1")]));
    expect(await listed({ skip: 0 }, 10)).toMatchObject([stored]);
    expect(await listed({ value: NOW, id: "1" }, 10)).toEqual([]);
    expect(await createFileLists(database, dialect, epochAbove).count("owner", everything)).toBe(1);
    await database.batch(trash().deleting("owner", "1", LATER, NOW));
    expect(await find("1")).toMatchObject({ status: "deleted", deletedAt: NOW, purgeAt: LATER });
    expect(await trash().restore("owner", "1", NOW)).toMatchObject({ file: stored, ownerEpoch: 0 });
    await database.batch([createOwnedFiles(database, dialect).ending("owner", [key("1")], NOW)]);
    expect(await registry.abandon([key("1")], NOW)).toEqual(new Set());
    await registry.forget([key("1")]);
    expect(await find("1")).toBeNull();
  });

  test("what the file API does not manage is like what never was", async () => {
    const registry = createFileRegistry(database, dialect);
    const links = openLinks();
    await database.batch([registry.reserving({ ...newFile("1"), fileApi: false })]);
    await database.batch(registry.storing("1", findings, NOW));
    expect(await links.findManaged("owner", "1")).toBeNull();
    expect(await listed({ skip: 0 }, 10)).toEqual([]);
    expect(await createFileLists(database, dialect, epochAbove).count("owner", everything)).toBe(0);
    const deleting = database.batch(trash().deleting("owner", "1", LATER, NOW));
    await expect(deleting).rejects.toSatisfy(code("row_missing"));
    expect(await trash().restore("owner", "1", NOW)).toBeNull();
    expect(await links.revokeFile("owner", "1", NOW)).toBe(false);
    expect(await find("1")).toMatchObject({ status: "stored", linkEpoch: 0 });
    expect(await createOwnedFiles(database, dialect).find("owner", [key("1")])).toEqual(new Set([key("1")]));
  });

  test("the sweep", async () => {
    const registry = createFileRegistry(database, dialect);
    const cleanup = createFileCleanup(database, dialect);
    await storeFile("1");
    await database.batch([registry.reserving(newFile("2"))]);
    expect(await cleanup.expire(NOW, 10)).toBe(0);
    expect(await cleanup.expire(LATER, 10)).toBe(1);
    expect(await cleanup.abandonOlder(LATER, LATER, 10)).toBe(1);
    expect(await cleanup.purge(MUCH_LATER, 10)).toBe(1);
    expect((await cleanup.findGone(10)).map((file) => file.key).toSorted()).toEqual([key("1"), key("2")]);
  });

  test("links", async () => {
    const links = openLinks();
    await storeFile("1");
    const link: NewLink = {
      id: "link",
      fileId: "1",
      owner: "owner",
      kind: "worker",
      epoch: 0,
      ...noTerms,
      address: "203.0.113.7",
      maxDownloads: 1,
      requestId: "request",
      clientIp: null,
      issuedAt: NOW,
      expiresAt: LATER,
    };
    await database.batch([links.recording(link)]);
    expect(await links.list("owner", "1", 10)).toMatchObject([{ ...link, downloads: 0 }]);
    const use = { id: "link", fileId: "1", lengthBytes: 5_000_000_000, fileBytes: 5_000_000_000 };
    expect([await links.spend(use), await links.spend(use)]).toEqual([true, false]);
    expect((await links.find(key("1")))?.epoch).toBe(0);
    expect(await links.revokeFile("owner", "1", NOW)).toBe(true);
    await links.revokeOwner("owner");
    await links.revokeOwner("owner");
    expect(await links.epochOf("owner")).toBe(2);
    expect(await links.epochOf(null)).toBe(0);
    const { fileId: _, owner: __, epoch: ___, ...untargeted } = { ...link, id: "recorded" };
    const found = await links.record(untargeted, "owner", "1", []);
    expect(found).toMatchObject({ file: { id: "1" }, epoch: 3 });
    expect(await links.findIssued("owner", "1", "recorded")).toMatchObject({ ...link, id: "recorded", epoch: 3 });
    expect(await links.findIssued("another", "1", "recorded")).toBeNull();
    await links.record({ ...untargeted, id: "on-r2", kind: "r2", clientIp: "203.0.113.7" }, "owner", "1", []);
    expect(await links.findIssued("owner", "1", "on-r2")).toMatchObject({ epoch: 0, expiresAt: LATER });
    const refused = links.record({ ...untargeted, id: "refused" }, "another", "1", []);
    await expect(refused).rejects.toSatisfy(code("row_missing"));
    expect(await links.forgetEnded(MUCH_LATER, 10)).toBe(3);
  });

  test("reconciling", async () => {
    const table = createReconcileTable(database, dialect);
    await storeFile("1");
    expect(await table.readRun()).toBeNull();
    const run = { phase: "passing", position: key("1"), startedAt: NOW } as const;
    await table.saveRun({ ...run, phase: "idle" });
    await table.saveRun(run);
    expect(await table.readRun()).toEqual(run);
    const keys = [key("1"), key("2")];
    expect(await table.ownedAmong(keys)).toEqual(new Set([key("1")]));
    expect(await table.storedAmong(keys)).toEqual(new Set([key("1")]));
    expect(await table.storedKeys("", null, 10)).toEqual([key("1")]);
    expect(await table.storedKeys(key("1"), key("2"), 10)).toEqual([]);
    // As R2 lists them, not as a dictionary does.
    for (const id of ["a", "B", "é", "C-"]) await storeFile(id);
    expect(await table.storedKeys(key("1"), null, 10)).toEqual(["B", "C-", "a", "é"].map(key));
    expect(await table.storedKeys(key("B"), key("a"), 10)).toEqual(["C-", "a"].map(key));
    await table.note("object_without_row", keys, NOW);
    await table.note("object_without_row", keys, LATER);
    const found = keys.map((name) => ({ kind: "object_without_row", key: name, firstSeen: NOW }));
    expect(await table.findings(NOW, 10)).toEqual(found);
    await table.dropFindings(keys);
    await table.abandonRows(keys, NOW);
    expect(await table.storedAmong(keys)).toEqual(new Set());
  });

  test("idempotency keys", async () => {
    const keys = createIdempotencyKeys(database, dialect);
    const name = { owner: "owner", scope: "scope", key: "key" };
    const claimed = await claim(database, keys, name, new Date(NOW));
    const token = claimed.state === "claimed" ? claimed.token : "";
    expect(await claim(database, keys, name, new Date(NOW))).toEqual({ state: "in_flight" });
    expect(await keys.release(name, "another")).toBe(false);
    const renewed = Date.parse(NOW) + 60_000;
    await keys.renew(name, token, new Date(renewed));
    expect(await claim(database, keys, name, new Date(renewed + 29_999))).toEqual({ state: "in_flight" });
    await database.batch(keys.finishing(name, token, "fingerprint", null));
    await keys.keepAnswer(name, token, "{}");
    const finished = { state: "finished", fingerprint: "fingerprint", answer: "{}" };
    expect(await claim(database, keys, name, new Date(renewed))).toEqual(finished);
    expect(await keys.forgetOld(new Date(MUCH_LATER), 10)).toBe(1);
  });

  test("jobs and schedules", async () => {
    const jobs = createJobRegistry(database, dialect);
    const slots = createScheduleClaims(database, dialect);
    const context = { claims: {}, payload: null, headers: {}, results: "[]", now: NOW, url: "", keepsFiles: false };
    const job = (id: string): Job => ({
      id,
      endpoint: "endpoint",
      origin: "call",
      fingerprint: "fingerprint",
      owner: "owner",
      state: "queued",
      priority: "normal",
      attempts: 0,
      context,
      files: [key("1")],
      result: null,
      problem: null,
      dueAt: NOW,
      wakeAt: NOW,
      createdAt: NOW,
      updatedAt: NOW,
    });
    const problem = { code: "internal", status: 500, title: "", detail: null, reason: "" } as const;
    await storeFile("1");
    await database.batch([jobs.queueing(job("a"))]);
    expect(await jobs.find("a")).toMatchObject({ state: "queued", priority: "normal", context, dueAt: NOW });
    const taken = await jobs.take("a", "lease", NOW, LATER);
    const hold = { job: taken.job ?? job("none"), lease: "lease" };
    const result = '{"rows":[{"a":1}],"list":false}';
    const noting = jobs.noting(hold, 0, NOW);
    await database.batch([...jobs.holding(hold, NOW), noting, jobs.keepingResult(hold, 0, result)]);
    await expect(database.batch([noting])).rejects.toSatisfy(code("unique_violation"));
    expect(await jobs.postpone(hold, problem, NOW, NOW, NOW)).toBe(true);
    expect((await jobs.wake(LATER, MUCH_LATER, 10)).map(({ id }) => id)).toEqual(["a"]);
    const again = await jobs.take("a", "lease", LATER, MUCH_LATER);
    expect(again.job === null ? null : again.doneSteps).toEqual(new Map([[0, result]]));
    await database.batch(jobs.finishing(hold, LATER, NOW));
    await jobs.keepAnswer("a", '{"answer":true}');
    expect(await jobs.find("a")).toMatchObject({ state: "done", result: '{"answer":true}' });
    await database.batch([jobs.queueing(job("b"))]);
    const second = await jobs.take("b", "lease", NOW, LATER);
    expect(
      await jobs.markDead({ job: second.job ?? job("none"), lease: "lease" }, problem, [key("1")], LATER, NOW),
    ).toEqual({
      files: [key("1")],
    });
    expect(await forgetJobs(database, dialect, MUCH_LATER, 10)).toBe(2);

    const priorities = ["low", "normal", "high", "low", "high"] as const;
    await database.batch(priorities.map((priority, at) => jobs.queueing({ ...job(`p${at}`), priority })));
    const takeOne = async (lease: number, sharing: readonly JobPriority[]) =>
      (await jobs.take("p0", `l${lease}`, NOW, LATER, sharing)).job?.id ?? null;
    const atOnce = await Promise.all([0, 1, 2].map((lease) => takeOne(lease, ["high", "normal", "low"])));
    expect(atOnce.toSorted()).toEqual(["p1", "p2", "p4"]);
    // A job whose priority has a queue of its own is taken itself.
    expect(await takeOne(3, ["high", "normal"])).toBe("p0");
    expect(await takeOne(4, ["high", "normal", "low"])).toBe("p3");
    expect(await takeOne(5, ["high", "normal", "low"])).toBeNull();

    const slot = Date.parse(NOW);
    const scheduled = { ...job("c"), origin: "schedule" } as const;
    expect(await slots.last("endpoint")).toBeNull();
    expect(await slots.claim("endpoint", slot, jobs.queueing(scheduled))).toBe(true);
    expect(await slots.claim("endpoint", slot, jobs.queueing({ ...scheduled, id: "d" }))).toBe(false);
    expect(await slots.last("endpoint")).toBe(slot);
  });

  test("with a newer version's table and column, files stored before are there, and all goes on", async () => {
    await storeFile("1");
    await database.batch([
      { ...bare, sql: "ALTER TABLE sluice.files ADD COLUMN later text DEFAULT 'x' NOT NULL" },
      { ...bare, sql: "CREATE TABLE sluice.later (id text PRIMARY KEY NOT NULL)" },
    ]);
    try {
      await storeFile("2");
      expect((await listed({ skip: 0 }, 10)).map(({ id }) => id)).toEqual(["2", "1"]);
      await database.batch(trash().deleting("owner", "1", LATER, NOW));
      expect(await trash().restore("owner", "1", NOW)).toMatchObject({ file: { id: "1" } });
      await probeDatabase(database, dialect);
    } finally {
      await database.batch([
        { ...bare, sql: "ALTER TABLE sluice.files DROP COLUMN later" },
        { ...bare, sql: "DROP TABLE sluice.later" },
      ]);
    }
  });

  test("a probe notices a table that is missing", async () => {
    const rename = (from: string, to: string) =>
      database.batch([{ ...bare, sql: `ALTER TABLE ${from} RENAME TO ${to}` }]);
    await probeDatabase(database, dialect);
    await rename("sluice.link_epochs", "elsewhere");
    try {
      await expect(probeDatabase(database, dialect)).rejects.toMatchObject({ code: "misconfigured" });
    } finally {
      await rename("sluice.elsewhere", "link_epochs");
    }
  });
});
