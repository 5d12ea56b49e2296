/** From creation to the answer, on any engine: what counts, what is written, and what is left when it fails. */
import { beforeEach, describe, expect, test } from "vitest";
import { png } from "../../../support/pictures.ts";
import { CHUNK, metadataOf } from "../../../support/tus.ts";
import { tableOf } from "./endpoints.ts";
import {
  bytesOf,
  createUploads,
  MIB,
  onD1,
  readObject,
  refused,
  ring,
  rowOf,
  storedIn,
  type ResumableHarness,
} from "./harness.ts";

const PAST = "2020-01-01T00:00:00.000Z";

export function describeResumable(harness: ResumableHarness): void {
  const { run, engine } = harness;
  const { call, clientOf, files, things, objects, expectNothing, sweep, count } = createUploads(harness);

  beforeEach(async () => {
    for (const table of ["sluice_files", "sluice_quotas", "sluice_idempotency_keys"]) await run(`DELETE FROM ${table}`);
    await run("DROP TABLE IF EXISTS taken_things");
    await run(tableOf(engine === onD1.engine ? "d1" : "postgres"));
  });

  /** Until the upload would have expired, and longer. */
  const passTime = () => run(`UPDATE sluice_files SET resumable_until = '${PAST}', updated_at = '${PAST}'`);

  describe("the end", () => {
    test("of pieces is one file with its row, whose answer is told again and again", async () => {
      const client = await clientOf("/with-row");
      const bytes = bytesOf(8 * MIB + 1000);
      const address = await client.begin(bytes.length, { id: "t1", filename: "größe.bin" });
      let at = 0;
      for (const end of [1000, 8 * MIB - 1, bytes.length]) {
        const patched = await client.patch(address, at, bytes.subarray(at, end));
        expect([patched.status, patched.headers.get("upload-offset")]).toEqual([204, String(end)]);
        at = end;
      }
      const [row] = await things();
      expect(row).toMatchObject({ id: "t1" });
      const stored = await readObject(String(row?.["storage_key"]));
      expect(Buffer.compare(stored, bytes)).toBe(0);
      for (const response of [await client.get(address), await client.get(address)]) {
        expect(await rowOf(response)).toMatchObject({ id: "t1", size: bytes.length });
      }
      const patched = await client.patch(address, bytes.length, null, { prefer: "return=representation" });
      expect([patched.status, patched.headers.get("preference-applied")]).toEqual([200, "return=representation"]);
      expect(await rowOf(patched)).toMatchObject({ id: "t1" });
      const head = await client.head(address);
      expect([head.headers.get("upload-offset"), head.headers.get("upload-length")]).toEqual([
        String(bytes.length),
        String(bytes.length),
      ]);
      const [file] = await files();
      expect(file).toMatchObject({ status: "stored", resumable_until: null, original_file_name: "größe.bin" });
      expect(Number(file?.["file_size"])).toBe(bytes.length);
      expect(file?.["checksum_sha256"]).toBe(await hexDigest(bytes));
      expect([await things(), await objects()]).toMatchObject([[{ id: "t1" }], [file?.["storage_key"]]]);
      // Its row is the file's now.
      await refusedEnd(await client.end(address));
      expect(await files()).toHaveLength(1);
    });

    test("asked for twice at once is one row, told to both", async () => {
      const client = await clientOf("/with-row");
      const address = await client.begin(1000, { id: "t1" });
      const created = client.patch(address, 0, bytesOf(1000));
      const answers = await Promise.all([created, client.head(address), client.head(address)]);
      for (const { status } of answers) expect(status).toBeLessThan(300);
      if ((await client.offset(address)) === 0) await client.patch(address, 0, bytesOf(1000));
      const twice = await Promise.all([client.get(address), client.get(address), client.patch(address, 1000, null)]);
      expect(twice.map(({ status }) => status)).toEqual([200, 200, 204]);
      expect(await things()).toMatchObject([{ id: "t1" }]);
      expect(await files()).toMatchObject([{ status: "stored" }]);
    });

    test("that the ABI refuses ends the upload, and takes its file back", async () => {
      const client = await clientOf("/of-album");
      const missing = await client.begin(1000, { id: "none" });
      await refused(await client.patch(missing, 0, bytesOf(1000)), 422, "row_missing");
      expect([(await client.head(missing)).status, (await client.get(missing)).status]).toEqual([404, 404]);
      expect(await storedIn(missing)).toEqual([]);
      await expectNothing();

      const rows = await clientOf("/with-row");
      const bytes = bytesOf(8 * MIB + 1);
      for (const [index, body] of [bytesOf(10), bytes].entries()) {
        const address = await rows.begin(body.length, { id: "same" });
        const response = await rows.patch(address, 0, body);
        if (index === 0) expect(response.status).toBe(204);
        else await refused(response, 409, "unique_violation");
      }
      await sweep();
      expect([(await files()).length, (await objects()).length, (await things()).length]).toEqual([1, 1, 1]);
    });

    test("that comes with the creation and is refused leaves nothing", async () => {
      const { headers } = await clientOf("/of-album");
      const created = await call("/of-album", {
        method: "POST",
        headers: { ...headers, ...CHUNK, "upload-length": "5", "upload-metadata": metadataOf({ id: "none" }) },
        body: bytesOf(5),
      });
      await refused(created, 422, "row_missing");
      await expectNothing();
    });
  });

  describe("a quota", () => {
    test("is reserved at creation, exactly, and what does not fit is refused there", async () => {
      const client = await clientOf("/box");
      const address = await client.begin(700);
      expect(await count("box-01 ann")).toEqual([700, 1]);
      expect(await refused(await client.create(301), 413, "quota_exceeded")).toMatchObject({ bytes_left: 300 });
      await refused(await client.create(1001), 413, "quota_exceeded");
      await client.begin(300);
      expect(await count("box-01 ann")).toEqual([1000, 2]);
      expect((await client.patch(address, 0, bytesOf(700))).status).toBe(204);
      expect(await count("box-01 ann")).toEqual([1000, 2]);
      expect(await files()).toHaveLength(2);
    });

    test("is given back by DELETE, by a refusal at the first bytes, and by the sweep", async () => {
      const client = await clientOf("/box");
      const ended = await client.begin(600);
      await client.patch(ended, 0, bytesOf(100));
      expect((await client.end(ended)).status).toBe(204);
      await sweep();
      expect((await count("box-01 ann")) ?? [0, 0]).toEqual([0, 0]);
      const expired = await client.begin(1000);
      await client.patch(expired, 0, bytesOf(100));
      await sweep();
      expect(await count("box-01 ann")).toEqual([1000, 1]);
      await passTime();
      expect(await ring(expired)).toBe(true);
      await sweep();
      expect((await count("box-01 ann")) ?? [0, 0]).toEqual([0, 0]);
      await expectNothing();
    });

    test("counts what came, where the length came later", async () => {
      const client = await clientOf("/pair");
      const address = await client.begin(null);
      expect(await count("pair-01 ann")).toEqual([1000, 1]);
      await client.patch(address, 0, bytesOf(10), { "upload-length": "10" });
      expect(await count("pair-01 ann")).toEqual([10, 1]);
      await client.begin(null);
      await refused(await client.create(10), 413, "quota_exceeded");
    });

    test("of thirty creations at once lets through what fits", async () => {
      const client = await clientOf("/box");
      const created = await Promise.all(Array.from({ length: 30 }, () => client.create(100)));
      const statuses = Map.groupBy(created, ({ status }) => status);
      expect([statuses.get(201)?.length, statuses.get(413)?.length]).toEqual([10, 20]);
      expect(await count("box-01 ann")).toEqual([1000, 10]);
      expect(await files()).toHaveLength(10);
    });
  });

  describe("the sweep", () => {
    test("leaves what is arriving, however old, and takes what has expired", async () => {
      const client = await clientOf("/any");
      const address = await client.begin(8 * MIB + 1000);
      await run(`UPDATE sluice_files SET updated_at = '${PAST}', created_at = '${PAST}'`);
      await sweep();
      expect((await client.patch(address, 0, bytesOf(8 * MIB + 10))).status).toBe(204);
      await run(`UPDATE sluice_files SET updated_at = '${PAST}'`);
      await sweep();
      expect(await files()).toHaveLength(1);
      await passTime();
      expect(await ring(address)).toBe(true);
      expect(await storedIn(address)).toEqual([]);
      expect((await client.head(address)).status).toBe(404);
      await expectNothing();
    });
  });

  test("a picture's thumbnails and facts are those of one that came whole", async () => {
    const client = await clientOf("/photos");
    const picture = png([200, 30, 30], 100, 60);
    const address = await client.begin(picture.length, { filename: "red.png" });
    await client.patch(address, 0, picture.subarray(0, 50));
    await client.patch(address, 50, picture.subarray(50));
    const row = await rowOf(await client.get(address));
    expect(row).toMatchObject({ width: 100, height: 60, dominant_color: "#c81e1e", file_type: "image/png" });
    expect(row["thumbnails"]).toMatchObject([{ name: "small" }]);
  });
}

const refusedEnd = (response: Response) => refused(response, 404, "resource_not_found");

const hexDigest = async (bytes: Uint8Array<ArrayBuffer>): Promise<string> =>
  [...new Uint8Array(await crypto.subtle.digest("SHA-256", bytes))]
    .map((byte) => byte.toString(16).padStart(2, "0"))
    .join("");
