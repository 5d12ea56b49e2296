/** Several requests for one upload at once: the newest is the client, the others are what its line has left behind. */
import { env } from "cloudflare:workers";
import { beforeEach, describe, expect, test } from "vitest";
import { useFreshStorage } from "../../../support/database.ts";
import { tableOf } from "./endpoints.ts";
import { bytesOf, createUploads, digestOf, MIB, readObject, rowOf, slowBody, storedIn } from "./harness.ts";

useFreshStorage();
beforeEach(async () => {
  await env.DB.prepare(tableOf("d1")).run();
});

const { clientOf, files, expectNothing } = createUploads();
const bytes = bytesOf(1000);

/** An upload of `bytes`, at which a PATCH hangs that has sent so many of them. */
async function hanging(sent = 300, more: Record<string, string> = {}) {
  const client = await clientOf("/any");
  const address = await client.begin(bytes.length);
  const { body, wrote, writer } = slowBody(...(sent === 0 ? [] : [bytes.slice(0, sent)]));
  const first = client.patch(address, 0, body, more);
  await wrote;
  // The object has the PATCH, and waits for its next bytes.
  await scheduler.wait(50);
  return { client, address, first, writer };
}

describe("a PATCH that hangs", () => {
  test("ends when its client asks for the offset, with what had come", async () => {
    const { client, address, first } = await hanging();
    expect(await client.offset(address)).toBe(300);
    expect((await first).headers.get("upload-offset")).toBe("300");
    await client.patch(address, 300, bytes.subarray(300));
    expect(await readObject((await rowOf(await client.get(address))).storage_key)).toEqual(new Uint8Array(bytes));
  });

  test("ends when another comes, which is accepted at once", async () => {
    const { client, address, first } = await hanging();
    const second = await client.patch(address, 300, bytes.subarray(300));
    expect([second.status, second.headers.get("upload-offset")]).toEqual([204, "1000"]);
    expect((await first).headers.get("upload-offset")).toBe("300");
  });

  test("that has sent nothing ends as well", async () => {
    const { client, address, first } = await hanging(0);
    expect((await client.patch(address, 0, bytes)).status).toBe(204);
    expect((await first).headers.get("upload-offset")).toBe("0");
  });

  test("keeps nothing of bytes that have yet to prove themselves", async () => {
    const { client, address, first } = await hanging(300, {
      "upload-checksum": `sha1 ${await digestOf("SHA-1", bytes)}`,
    });
    expect(await client.offset(address)).toBe(0);
    expect((await first).headers.get("upload-offset")).toBe("0");
    expect((await client.patch(address, 0, bytes)).status).toBe(204);
  });

  test("whose late bytes come behind its successor's adds none of them", async () => {
    const { client, address, first, writer } = await hanging();
    await client.patch(address, 300, bytes.subarray(300, 700));
    await writer.write(bytesOf(400)).catch(() => undefined);
    await writer.close().catch(() => undefined);
    await first;
    expect(await client.offset(address)).toBe(700);
    await client.patch(address, 700, bytes.subarray(700));
    expect(await readObject((await rowOf(await client.get(address))).storage_key)).toEqual(new Uint8Array(bytes));
  });

  test("is not touched by whoever else asks, nor by GET", async () => {
    const { client, address, first, writer } = await hanging();
    const ben = await clientOf("/any", "ben");
    expect([(await ben.head(address)).status, (await ben.patch(address, 0, bytes)).status]).toEqual([404, 404]);
    const told = await client.get(address);
    expect([told.status, (await told.json<{ offset: number }>()).offset]).toEqual([202, 0]);
    await writer.write(bytes.slice(300));
    await writer.close();
    expect((await first).headers.get("upload-offset")).toBe("1000");
  });

  test("ends with its upload, and whoever waits behind finds none", async () => {
    const { client, address, first } = await hanging();
    const [ended, patched, ...others] = await Promise.all([
      client.end(address),
      client.patch(address, 300, bytes.subarray(300)),
      client.head(address),
      client.end(address),
    ]);
    expect([ended.status, ...others.map(({ status }) => status)]).toEqual([204, 404, 404]);
    // Bytes go another way, and may overtake what was sent at the same time.
    expect([204, 404]).toContain(patched.status);
    expect((await first).status).toBeLessThan(500);
    expect(await storedIn(address)).toEqual([]);
    await expectNothing();
  });
});

test("of two PATCHes at once for one offset, one counts: each order", async () => {
  const client = await clientOf("/any");
  const other = bytesOf(1000);
  for (const [one, two] of [
    [bytes, other],
    [other, bytes],
  ] as const) {
    const address = await client.begin(1000);
    const answers = await Promise.all([client.patch(address, 0, one), client.patch(address, 0, two)]);
    const counted = answers.map(({ status }) => status).filter((status) => status === 204);
    expect(counted.length).toBeGreaterThan(0);
    for (const { status } of answers) expect([204, 409]).toContain(status);
    const offset = await client.offset(address);
    if (offset < 1000) await client.patch(address, offset, one.subarray(offset));
    const stored = await readObject((await rowOf(await client.get(address))).storage_key);
    const mixed = [one, two].map((whole) => Buffer.compare(stored, whole) === 0);
    expect(mixed.includes(true) || offset < 1000).toBe(true);
  }
});

test("twenty PATCHes at once: the offset is one of theirs, and the file is whole", async () => {
  const client = await clientOf("/any");
  const address = await client.begin(1000);
  const answers = await Promise.all(Array.from({ length: 20 }, () => client.patch(address, 0, bytes)));
  for (const { status } of answers) expect([204, 409]).toContain(status);
  const offset = await client.offset(address);
  if (offset < 1000) expect((await client.patch(address, offset, bytes.subarray(offset))).status).toBe(204);
  expect(await files()).toMatchObject([{ status: "stored", file_size: 1000 }]);
  expect(await readObject((await rowOf(await client.get(address))).storage_key)).toEqual(new Uint8Array(bytes));
});

test("a part that is under way when its PATCH is ended is the file's, once", async () => {
  const client = await clientOf("/any");
  const large = bytesOf(9 * MIB);
  const address = await client.begin(large.length);
  const { body, wrote } = slowBody(large.slice(0, 8 * MIB + 10));
  const first = client.patch(address, 0, body);
  await wrote;
  const offset = await client.offset(address);
  await first;
  expect(offset).toBeGreaterThanOrEqual(0);
  expect((await client.patch(address, offset, large.subarray(offset))).status).toBe(204);
  const stored = await readObject((await rowOf(await client.get(address))).storage_key);
  expect(Buffer.compare(stored, large)).toBe(0);
});
