/** Files that come in pieces: the protocol, and what is left in the store. */
import { env } from "cloudflare:workers";
import { expect, test } from "vitest";
import { as, createCaller } from "../../../support/app.ts";
import { readStored, useFreshStorage } from "../../../support/database.ts";
import { planOf, uploadStep } from "../../../support/plans.ts";
import { addressOf, tusClient } from "../../../support/tus.ts";

useFreshStorage();

const MIB = 1024 * 1024;
const plan = planOf([
  uploadStep({ resumable: true, types: ["*/*"], maxFileBytes: 100 * MIB, imageFields: [], issuesLinks: false }),
]);
const call = createCaller([plan]);
const clientOf = async (id = "u1") => tusClient(call, "/test", await as(id));

function bytesOf(length: number): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(length);
  for (let start = 0; start < length; start += 65_536) crypto.getRandomValues(bytes.subarray(start, start + 65_536));
  return bytes;
}

async function objectOf(key: string): Promise<Uint8Array> {
  const object = await env.BUCKET.get(key);
  return new Uint8Array((await object?.arrayBuffer()) ?? new ArrayBuffer(0));
}

test("three pieces become one file, whose answer is told by GET", async () => {
  const client = await clientOf();
  const bytes = bytesOf(20 * MIB + 12_345);
  const created = await client.create(bytes.length, { filename: "größe.bin" });
  expect(created.status).toBe(201);
  const address = addressOf(created);
  let at = 0;
  for (const end of [3 * MIB, 18 * MIB + 7, bytes.length]) {
    const patched = await client.patch(address, at, bytes.subarray(at, end));
    expect([patched.status, await patched.text()]).toEqual([204, ""]);
    expect(patched.headers.get("upload-offset")).toBe(String(end));
    at = end;
  }
  const answer = await client.get(address);
  expect(answer.status).toBe(200);
  const { data } = (await answer.json()) as {
    data: { storage_key: string; original_file_name: string; file_size: number }[];
  };
  const [file] = data;
  expect(file).toMatchObject({ original_file_name: "größe.bin", file_size: bytes.length });
  expect(Buffer.compare(await objectOf(file?.storage_key ?? ""), bytes)).toBe(0);
  expect((await readStored()).files).toMatchObject([{ status: "stored", owner: "u1", resumable_until: null }]);
});
