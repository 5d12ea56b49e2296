/** What a PATCH may bring: at which offset, with which sum, of which type. */
import { env } from "cloudflare:workers";
import { beforeEach, describe, expect, test } from "vitest";
import { useFreshStorage } from "../../../support/database.ts";
import { HTML, png } from "../../../support/pictures.ts";
import { VERSION } from "../../../support/tus.ts";
import { tableOf } from "./endpoints.ts";
import { bytesOf, createUploads, digestOf, MIB, readObject, refused, rowOf, storedIn } from "./harness.ts";

useFreshStorage();
beforeEach(async () => {
  await env.DB.prepare(tableOf("d1")).run();
});

const { call, clientOf, expectNothing } = createUploads();
const contentOf = async (response: Response) => readObject((await rowOf(response)).storage_key);

describe("the offset", () => {
  test("ahead and behind is told where the upload is, and nothing is kept", async () => {
    const client = await clientOf("/any");
    const bytes = bytesOf(1000);
    const address = await client.begin(1000);
    await client.patch(address, 0, bytes.subarray(0, 600));
    for (const offset of [0, 599, 601, 1000, Number.MAX_SAFE_INTEGER]) {
      const response = await client.patch(address, offset, bytesOf(10));
      expect(response.headers.get("upload-offset")).toBe("600");
      expect(await refused(response, 409, "offset_conflict")).toMatchObject({ offset: 600 });
    }
    expect(await client.offset(address)).toBe(600);
    await client.patch(address, 600, bytes.subarray(600));
    expect(await contentOf(await client.get(address))).toEqual(new Uint8Array(bytes));
  });

  test("is a number", async () => {
    const client = await clientOf("/any");
    const address = await client.begin(1000);
    for (const offset of ["", "-1", "1.5", "1e2", "0x10", "zero", "9007199254740992", "1".repeat(300)]) {
      const response = await client.patch(address, 0, bytesOf(10), { "upload-offset": offset });
      expect(await refused(response, 422, "parameter_invalid")).toMatchObject({ parameter: "Upload-Offset" });
    }
    expect(await client.offset(address)).toBe(0);
  });

  test("has to be there, and so has the type of the body", async () => {
    const client = await clientOf("/any");
    const { pathname } = new URL(await client.begin(10));
    const headers = { ...client.headers, ...VERSION };
    const patch = async (more: Record<string, string>) =>
      call(pathname, { method: "PATCH", headers: { ...headers, ...more }, body: bytesOf(10) });
    await refused(await patch({ "content-type": "application/offset+octet-stream" }), 422, "parameter_invalid");
    for (const type of ["application/octet-stream", "multipart/form-data; boundary=x", ""]) {
      await refused(await patch({ "upload-offset": "0", "content-type": type }), 415, "content_type_unsupported");
    }
  });
});

test("bytes behind the end are refused, and the upload goes on", async () => {
  const client = await clientOf("/any");
  const bytes = bytesOf(100);
  const address = await client.begin(100);
  await client.patch(address, 0, bytes.subarray(0, 60));
  await refused(await client.patch(address, 60, bytesOf(41), { "content-length": "41" }), 413, "file_too_large");
  expect(await client.offset(address)).toBe(60);
  // Nobody says how long this one is.
  const stream = new Blob([bytesOf(41)]).stream();
  await refused(await client.patch(address, 60, stream), 413, "file_too_large");
  expect(await client.offset(address)).toBe(60);
  expect((await client.patch(address, 60, bytes.subarray(60))).status).toBe(204);
  expect(await contentOf(await client.get(address))).toEqual(new Uint8Array(bytes));
});

test("a method may stand in a header of a POST", async () => {
  const client = await clientOf("/any");
  const { pathname } = new URL(await client.begin(10));
  const ask = (method: string, more: Record<string, string> = {}) => {
    const headers = { ...client.headers, ...VERSION, "x-http-method-override": method, ...more };
    return call(pathname, { method: "POST", headers, body: method === "PATCH" ? bytesOf(4) : null });
  };
  const chunk = { "content-type": "application/offset+octet-stream", "upload-offset": "0" };
  expect((await ask("PATCH", chunk)).headers.get("upload-offset")).toBe("4");
  expect((await ask("head")).headers.get("upload-offset")).toBe("4");
  expect((await ask("PUT")).status).toBe(405);
  expect((await ask("DELETE")).status).toBe(204);
  await expectNothing();
});

describe("a checksum", () => {
  test.each([
    ["sha1", "SHA-1"],
    ["sha256", "SHA-256"],
    ["md5", "MD5"],
  ])("%s: right, then wrong, then right again", async (algorithm, name) => {
    const client = await clientOf("/any");
    const bytes = bytesOf(1000);
    const address = await client.begin(1000);
    const send = async (at: number, end: number, sent = bytes.subarray(at, end)) =>
      client.patch(address, at, sent, {
        "upload-checksum": `${algorithm} ${await digestOf(name, bytes.slice(at, end))}`,
      });
    expect((await send(0, 300)).headers.get("upload-offset")).toBe("300");
    await refused(await send(300, 600, bytesOf(300)), 460, "checksum_mismatch");
    expect(await client.offset(address)).toBe(300);
    await send(300, 600);
    await send(600, 1000);
    expect(await contentOf(await client.get(address))).toEqual(new Uint8Array(bytes));
  });

  test("of bytes that are more than a part", async () => {
    const client = await clientOf("/any");
    const bytes = bytesOf(9 * MIB);
    const address = await client.begin(bytes.length);
    const sum = { "upload-checksum": `sha1 ${await digestOf("SHA-1", bytes)}` };
    const garbled = bytes.slice();
    garbled.set([(bytes.at(-1) ?? 0) ^ 1], bytes.length - 1);
    await refused(await client.patch(address, 0, garbled, sum), 460, "checksum_mismatch");
    expect(await client.offset(address)).toBe(0);
    expect((await client.patch(address, 0, bytes, sum)).status).toBe(204);
    expect(Buffer.compare(await contentOf(await client.get(address)), bytes)).toBe(0);
  });

  test("of another algorithm or form is refused before a byte is taken", async () => {
    const client = await clientOf("/any");
    const address = await client.begin(10);
    for (const checksum of [
      "crc32 AAAAAAAA",
      "sha1",
      "sha1  ",
      "SHA1 AAAAAAAAAAAAAAAAAAAAAAAAAAA=",
      "sha1 a b",
      "toString AAAAAAAAAAAAAAAAAAAAAAAAAAA=",
    ]) {
      const response = await client.patch(address, 0, bytesOf(10), { "upload-checksum": checksum });
      expect(await refused(response, 422, "parameter_invalid")).toMatchObject({ parameter: "Upload-Checksum" });
    }
    expect(await client.offset(address)).toBe(0);
  });

  test("that is wrong says nothing of the type: garbled bytes end no upload", async () => {
    const client = await clientOf("/pictures");
    const picture = png([1, 2, 3], 4, 3, 10_000);
    const address = await client.begin(picture.length, { filename: "a.png" });
    const sum = { "upload-checksum": `sha256 ${await digestOf("SHA-256", picture)}` };
    await refused(await client.patch(address, 0, bytesOf(picture.length), sum), 460, "checksum_mismatch");
    expect(await client.offset(address)).toBe(0);
    expect((await client.patch(address, 0, picture, sum)).status).toBe(204);
    expect(await rowOf(await client.get(address))).toMatchObject({ file_type: "image/png" });
  });

  test("that is right does not make a type right", async () => {
    const client = await clientOf("/pictures");
    const bytes = bytesOf(10_000);
    const address = await client.begin(20_000, { filename: "a.png" });
    const sum = { "upload-checksum": `sha256 ${await digestOf("SHA-256", bytes)}` };
    await refused(await client.patch(address, 0, bytes, sum), 415, "file_type_not_allowed");
    await expectNothing();
  });
});

describe("the type", () => {
  /** Longer than what the type is told by. */
  const page = new TextEncoder().encode(HTML.padEnd(20_000, " "));

  test("is judged at the first bytes, and what is refused is over", async () => {
    const client = await clientOf("/pictures");
    const address = await client.begin(1_000_000, { filename: "a.png", filetype: "image/png" });
    const problem = await refused(await client.patch(address, 0, page), 415, "file_type_mismatch");
    expect(problem).toMatchObject({ file: "a.png" });
    for (const response of [
      await client.head(address),
      await client.get(address),
      await client.patch(address, 0, null),
    ]) {
      expect(response.status).toBe(404);
    }
    expect(await storedIn(address)).toEqual([]);
    await expectNothing();
  });

  test("is judged across PATCHes, whatever they bring at a time", async () => {
    const client = await clientOf("/pictures");
    const address = await client.begin(1_000_000, { filename: "a.png" });
    for (let at = 0; at < 4095; at += 455) {
      expect((await client.patch(address, at, page.slice(at, at + 455))).status).toBe(204);
    }
    await refused(await client.patch(address, 4095, page.slice(4095, 4096)), 415, "file_type_not_allowed");
    await expectNothing();
  });

  test("of a body that comes one byte at a time", async () => {
    const client = await clientOf("/pictures");
    const picture = png([1, 2, 3]);
    for (const [bytes, status] of [
      [picture, 204],
      [page.slice(0, picture.length), 415],
    ] as const) {
      const address = await client.begin(bytes.length, { filename: "a.png" });
      let at = 0;
      const body = new ReadableStream<Uint8Array>({
        pull(controller) {
          if (at === bytes.length) controller.close();
          else controller.enqueue(bytes.slice(at, ++at));
        },
      });
      expect((await client.patch(address, 0, body)).status).toBe(status);
    }
  });

  test("of a file that is a picture only in its second chunk is that of its first", async () => {
    const client = await clientOf("/pictures");
    const picture = png([1, 2, 3]);
    const whole = new Uint8Array([...page.slice(0, 100), ...picture]);
    const address = await client.begin(whole.length, { filename: "a.png" });
    expect((await client.patch(address, 0, whole.slice(0, 100))).status).toBe(204);
    await refused(await client.patch(address, 100, picture), 415, "file_type_not_allowed");
    await expectNothing();
  });

  test("of a file that is a picture only in its first chunk is what it begins with", async () => {
    const client = await clientOf("/pictures");
    const picture = png([1, 2, 3]);
    const address = await client.begin(picture.length + 100, { filename: "a.png" });
    await client.patch(address, 0, picture);
    expect((await client.patch(address, picture.length, page.slice(0, 100))).status).toBe(204);
    expect(await rowOf(await client.get(address))).toMatchObject({
      file_type: "image/png",
      file_size: picture.length + 100,
    });
  });

  test("is kept with the object, of a short file and of one in parts", async () => {
    const client = await clientOf("/pictures");
    for (const padding of [0, 9 * MIB]) {
      const picture = png([1, 2, 3], 4, 3, padding);
      const address = await client.begin(picture.length, { filename: "a.bin" });
      await client.patch(address, 0, picture);
      const row = await rowOf(await client.get(address));
      expect(row).toMatchObject({ file_type: "image/png", extension: "png" });
      const object = await env.BUCKET.head(row.storage_key);
      expect(object?.httpMetadata?.contentType).toBe("image/png");
    }
  });
});
