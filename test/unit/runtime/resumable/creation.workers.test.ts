/** What is judged before the first byte of an upload in pieces. */
import { env } from "cloudflare:workers";
import { beforeEach, describe, expect, test } from "vitest";
import { useFreshStorage } from "../../../support/database.ts";
import { png } from "../../../support/pictures.ts";
import { addressOf, CHUNK, VERSION } from "../../../support/tus.ts";
import { tableOf } from "./endpoints.ts";
import { bytesOf, createUploads, readObject, refused, rowOf } from "./harness.ts";

useFreshStorage();
beforeEach(async () => {
  await env.DB.prepare(tableOf("d1")).run();
});

const { call, clientOf, files, expectNothing, things } = createUploads();

describe("the version", () => {
  test.each([["none", {}] as const, ["another", { "tus-resumable": "0.2.2" }] as const])(
    "%s is refused at every address of an upload, with the one that is spoken",
    async (_, headers) => {
      const client = await clientOf("/any");
      const { pathname } = new URL(await client.begin(5));
      for (const method of ["HEAD", "PATCH", "DELETE"]) {
        const response = await call(pathname, { method, headers: { ...client.headers, ...headers } });
        expect([response.status, response.headers.get("tus-version")]).toEqual([412, "1.0.0"]);
      }
      expect(await client.offset(`https://uploads.example${pathname}`)).toBe(0);
    },
  );

  test("another one creates nothing", async () => {
    const client = await clientOf("/any");
    const response = await client.create(5, {}, { "tus-resumable": "2.0.0" });
    expect(response.headers.get("tus-version")).toBe("1.0.0");
    await refused(response, 412, "precondition_failed");
    await expectNothing();
  });

  test("OPTIONS tells what is there, where it is there", async () => {
    const client = await clientOf("/any");
    const { pathname } = new URL(await client.begin(5));
    for (const path of ["/any", pathname]) {
      const { status, headers } = await call(path, { method: "OPTIONS" });
      expect(status).toBe(204);
      expect(Object.fromEntries([...headers].filter(([name]) => name.startsWith("tus-")))).toEqual({
        "tus-resumable": "1.0.0",
        "tus-version": "1.0.0",
        "tus-max-size": "83886080000",
        "tus-extension": "creation,creation-with-upload,creation-defer-length,expiration,checksum,termination",
        "tus-checksum-algorithm": "sha1,sha256,md5",
      });
    }
    const other = await call("/nothing", { method: "OPTIONS" });
    expect(other.headers.get("tus-version")).toBeNull();
  });

  test("answers tell pages of other origins what they are to read, refusals too", async () => {
    const client = await clientOf("/any");
    for (const response of [await client.create(5), await client.create(5, {}, { "upload-length": "five" })]) {
      const exposed = response.headers.get("access-control-expose-headers") ?? "";
      for (const name of ["Location", "Upload-Offset", "Upload-Length", "Upload-Expires", "Tus-Resumable"]) {
        expect(exposed.split(/,\s*/)).toContain(name);
      }
      expect(response.headers.get("tus-resumable")).toBe("1.0.0");
    }
  });
});

describe("the length", () => {
  test("is told at once, and asked for again", async () => {
    const client = await clientOf("/any");
    const created = await client.create(12, { filename: "a.bin" });
    expect([created.status, created.headers.get("upload-offset")]).toEqual([201, "0"]);
    const expires = Date.parse(created.headers.get("upload-expires") ?? "");
    expect(expires - Date.now()).toBeGreaterThan(23 * 3_600_000);
    const { status, headers } = await client.head(addressOf(created));
    const told = ["upload-offset", "upload-length", "upload-defer-length", "upload-metadata", "cache-control"];
    expect([status, ...told.map((name) => headers.get(name))]).toEqual([
      200,
      "0",
      "12",
      null,
      "filename YS5iaW4=",
      "no-store",
    ]);
    expect(headers.get("upload-expires")).toBe(created.headers.get("upload-expires"));
    expect(await files()).toMatchObject([{ status: "pending", owner: "ann" }]);
  });

  test("comes later, with the last bytes or behind them", async () => {
    const client = await clientOf("/any");
    for (const last of [bytesOf(7), null]) {
      const address = await client.begin(null);
      const head = await client.head(address);
      expect([head.headers.get("upload-length"), head.headers.get("upload-defer-length")]).toEqual([null, "1"]);
      expect((await client.patch(address, 0, bytesOf(5))).headers.get("upload-offset")).toBe("5");
      expect((await client.get(address)).status).toBe(202);
      const length = String(5 + (last?.length ?? 0));
      const patched = await client.patch(address, 5, last, { "upload-length": length });
      expect([patched.status, patched.headers.get("upload-offset")]).toEqual([204, length]);
      expect(await rowOf(await client.get(address))).toMatchObject({ file_size: Number(length) });
    }
  });

  const faultyLengths: readonly (readonly [string, Record<string, string>])[] = [
    ["neither length nor a promise", { "upload-length": "" }],
    ["both", { "upload-defer-length": "1" }],
    ["a promise that is none", { "upload-length": "", "upload-defer-length": "2" }],
    ["words", { "upload-length": "five" }],
    ["a fraction", { "upload-length": "5.5" }],
    ["a sign", { "upload-length": "-5" }],
    ["an exponent", { "upload-length": "1e3" }],
    ["more than numbers hold", { "upload-length": "99999999999999999999" }],
  ];
  test("is a number, or promised", async () => {
    const client = await clientOf("/any");
    for (const [name, more] of faultyLengths) {
      const problem = await refused(await client.create(5, {}, more), 422, "parameter_invalid");
      expect(problem, name).toMatchObject({ parameter: "Upload-Length" });
    }
    await expectNothing();
  });

  test("over the limit is refused at once: at it, and one over", async () => {
    const client = await clientOf("/small");
    const problem = await refused(await client.create(1001, { filename: "a.bin" }), 413, "file_too_large");
    expect(problem).toMatchObject({ file: "a.bin", limit: 1000 });
    await expectNothing();
    const address = await client.begin(1000);
    expect((await client.patch(address, 0, bytesOf(1000))).status).toBe(204);
  });

  test("told later, over the limit, is refused, and so are bytes over it", async () => {
    const client = await clientOf("/small");
    const address = await client.begin(null);
    await refused(await client.patch(address, 0, bytesOf(10), { "upload-length": "1001" }), 413, "file_too_large");
    await refused(await client.patch(address, 0, bytesOf(1001)), 413, "file_too_large");
    expect(await client.offset(address)).toBe(0);
    expect((await client.patch(address, 0, bytesOf(1000), { "upload-length": "1000" })).status).toBe(204);
  });

  test("cannot change, nor be less than what has come", async () => {
    const client = await clientOf("/any");
    const told = await client.begin(10);
    await refused(await client.patch(told, 0, bytesOf(5), { "upload-length": "11" }), 422, "parameter_invalid");
    expect(await client.offset(told)).toBe(0);
    expect((await client.patch(told, 0, bytesOf(10), { "upload-length": "10" })).status).toBe(204);
    const deferred = await client.begin(null);
    await client.patch(deferred, 0, bytesOf(5));
    await refused(await client.patch(deferred, 5, null, { "upload-length": "4" }), 422, "parameter_invalid");
    expect(await client.offset(deferred)).toBe(5);
  });

  test("of nothing is no file", async () => {
    const client = await clientOf("/any");
    await refused(await client.create(0, { filename: "a.bin" }), 422, "file_missing");
    const address = await client.begin(null, { filename: "a.bin" });
    await refused(await client.patch(address, 0, null, { "upload-length": "0" }), 422, "file_missing");
    expect((await client.head(address)).status).toBe(404);
    await expectNothing();
  });
});

describe("bytes of a creation", () => {
  const send = async (length: number, body: Uint8Array<ArrayBuffer>, more: Record<string, string> = {}) => {
    const client = await clientOf("/any");
    const headers = { ...client.headers, ...CHUNK, "upload-length": String(length), ...more };
    return { client, response: await call("/any", { method: "POST", headers, body }) };
  };

  test("are the first, or all of them", async () => {
    const bytes = bytesOf(1000);
    const { client, response } = await send(1000, bytes.subarray(0, 400));
    expect([response.status, response.headers.get("upload-offset")]).toEqual([201, "400"]);
    const address = addressOf(response);
    expect((await client.patch(address, 400, bytes.subarray(400))).status).toBe(204);
    const row = await rowOf(await client.get(address));
    expect(await readObject(row.storage_key)).toEqual(new Uint8Array(bytes));

    const whole = await send(1000, bytes, { prefer: "return=representation" });
    expect([whole.response.status, whole.response.headers.get("preference-applied")]).toEqual([
      200,
      "return=representation",
    ]);
    expect(addressOf(whole.response)).toMatch(/\/v1\/uploads\/any-01\/[0-9a-f]{64}$/);
    expect(await rowOf(whole.response)).toMatchObject({ file_size: 1000 });
  });

  test.each([
    ["more than the length", 10, {}, 413, "file_too_large"],
    ["of another sum", 400, { "upload-checksum": "sha1 AAAAAAAAAAAAAAAAAAAAAAAAAAA=" }, 460, "checksum_mismatch"],
    ["with a sum that is none", 400, { "upload-checksum": "crc32 AAAA" }, 422, "parameter_invalid"],
  ] as const)("%s: nobody learns the address, so nothing is left", async (_, length, more, status, code) => {
    const { response } = await send(length, bytesOf(400), more);
    await refused(response, status, code);
    await expectNothing();
  });
});

describe("the type", () => {
  test("that is declared is refused at once", async () => {
    const client = await clientOf("/pictures");
    for (const name of ["filetype", "type"]) {
      const response = await client.create(50, { filename: "a.gif", [name]: "image/gif" });
      expect(await refused(response, 415, "file_type_not_allowed")).toMatchObject({
        file: "a.gif",
        allowed: ["image/png", "image/jpeg"],
      });
    }
    await expectNothing();
  });

  test("that is declared by another of its names is taken", async () => {
    const client = await clientOf("/pictures");
    await client.begin(50, { filename: "a.jpg", filetype: "image/jpg" });
    await client.begin(50, { filename: "a.jpg", filetype: "IMAGE/JPEG; q=1" });
    await client.begin(50, { filename: "a.jpg", filetype: "" });
  });
});

describe("metadata", () => {
  test("`name` is the file's, unless the endpoint has a field of that name", async () => {
    const titled = await clientOf("/titled");
    await refused(await titled.create(5, { filename: "a.bin" }), 422, "payload_invalid");
    for (const metadata of [{ name: "one" }, { filename: "a.bin", name: "two" }]) {
      const address = await titled.begin(5, metadata);
      await titled.patch(address, 0, bytesOf(5));
      const answer = await (await titled.get(address)).json();
      expect(answer).toMatchObject({ data: { id: metadata.name } });
    }
    const small = await clientOf("/small");
    expect(await (await small.create(1001, { name: "a.bin" })).json()).toMatchObject({ file: "a.bin" });
  });

  const faulty: readonly (readonly [string, string])[] = [
    ["a value that is no base64", "filename !!!"],
    ["a value that is no UTF-8", "filename /w=="],
    ["a key twice", "id YQ==,id Yg=="],
    ["a key with another word", "id YQ== Yg=="],
    ["a comma too many", "id YQ==,"],
    ["a key of other letters", "größe YQ=="],
    ["over 8 KiB", `id ${btoa("a".repeat(6200))}`],
    ["a megabyte", `id ${btoa("a".repeat(786_432))}`],
  ];
  test("is a list of keys and values in Base64, each once, within 8 KiB", async () => {
    const client = await clientOf("/any");
    for (const [name, metadata] of faulty) {
      const value = Buffer.from(metadata, "utf8").toString("latin1");
      const problem = await refused(await client.create(5, {}, { "upload-metadata": value }), 422, "parameter_invalid");
      expect(problem, name).toMatchObject({ parameter: "Upload-Metadata" });
    }
    await expectNothing();
  });

  test("is the payload, which is judged at once", async () => {
    const client = await clientOf("/with-row");
    for (const metadata of [{}, { id: "a" }, { id: "a".repeat(41) }]) {
      await refused(await client.create(5, metadata), 422, "payload_invalid");
    }
    await expectNothing();
    const address = await client.begin(5, { id: "größe", filename: "a.bin" });
    expect((await client.patch(address, 0, bytesOf(5))).status).toBe(204);
    expect(await things()).toMatchObject([{ id: "größe" }]);
  });

  test("names that objects have are names like others", async () => {
    const client = await clientOf("/with-row");
    const address = await client.begin(5, { id: "proto", __proto__x: "1", constructor: "c", toString: "t" });
    expect((await client.patch(address, 0, bytesOf(5))).status).toBe(204);
    expect(await things()).toMatchObject([{ id: "proto" }]);
  });
});

describe("fields", () => {
  test("each has rules of its own", async () => {
    const client = await clientOf("/fields");
    const picture = png([1, 2, 3]);
    const photo = await client.begin(picture.length, { field: "photo", filename: "a.png" });
    expect((await client.patch(photo, 0, picture)).status).toBe(204);
    const note = await client.begin(picture.length, { field: "note", filename: "a.txt", filetype: "text/plain" });
    await refused(await client.patch(note, 0, picture), 415, "file_type_mismatch");
    await refused(await client.create(5, { field: "photo", filetype: "image/gif" }), 415, "file_type_not_allowed");
  });

  test("another name is refused", async () => {
    const client = await clientOf("/fields");
    for (const metadata of [{ field: "paper" }, { field: "constructor" }, {}]) {
      await refused(await client.create(5, metadata), 422, "payload_invalid");
    }
    await expectNothing();
  });
});

test("a form still comes whole, and a GET is another matter", async () => {
  const client = await clientOf("/any");
  const form = new FormData();
  form.set("file", new Blob(["text"], { type: "text/plain" }), "a.txt");
  const whole = await call("/any", { method: "POST", headers: client.headers, body: form });
  expect(whole.status).toBe(200);
  const other = await call("/any", { method: "PATCH", headers: { ...client.headers, ...VERSION } });
  expect(other.status).toBe(405);
});

describe("an Idempotency-Key", () => {
  const key = (value: string) => ({ "idempotency-key": value });
  const lost = { filename: "a.txt", id: "one" };

  test("leads to the upload that was begun, with the bytes that it has", async () => {
    const client = await clientOf("/any");
    const first = await client.create(10, lost, key("k"));
    expect([first.status, first.headers.get("idempotent-replayed")]).toEqual([201, null]);
    await client.patch(addressOf(first), 0, bytesOf(4));
    const again = await client.create(10, lost, key("k"));
    expect(addressOf(again)).toBe(addressOf(first));
    const told = ["upload-offset", "upload-expires", "idempotent-replayed"].map((name) => again.headers.get(name));
    expect([again.status, ...told]).toEqual([201, "4", first.headers.get("upload-expires"), "true"]);
    expect(await files()).toHaveLength(1);
    expect((await client.patch(addressOf(again), 4, bytesOf(6))).status).toBe(204);
    expect(addressOf(await client.create(10, lost, key("k")))).toBe(addressOf(first));
    expect(await files()).toMatchObject([{ status: "stored", file_size: 10 }]);
  });

  test("takes none of the bytes that come with a creation twice", async () => {
    const client = await clientOf("/any");
    const send = (bytes: string) =>
      call("/any", {
        method: "POST",
        headers: { ...client.headers, ...CHUNK, ...key("k"), "upload-length": "6" },
        body: bytes,
      });
    expect((await send("abc")).headers.get("upload-offset")).toBe("3");
    const again = await send("abcdef");
    expect([again.status, again.headers.get("upload-offset")]).toEqual([201, "3"]);
    expect((await client.patch(addressOf(again), 3, "def")).status).toBe(204);
    const [row] = await files();
    expect(new TextDecoder().decode(await readObject(String(row?.["storage_key"])))).toBe("abcdef");
  });

  test("of ten at once makes one upload, and reserves it once", async () => {
    const client = await clientOf("/any");
    const created = await Promise.all(Array.from({ length: 10 }, () => client.create(10, lost, key("k"))));
    expect(created.map(({ status }) => status)).toEqual(Array.from({ length: 10 }, () => 201));
    expect(new Set(created.map(addressOf)).size).toBe(1);
    expect(await files()).toHaveLength(1);
  });

  test("is the caller's and the endpoint's own", async () => {
    const [ann, ben, other] = await Promise.all([clientOf("/any"), clientOf("/any", "ben"), clientOf("/pair")]);
    const created = await Promise.all([ann, ben, other].map((client) => client.create(10, lost, key("k"))));
    const addresses = created.map(addressOf);
    expect(new Set(addresses).size).toBe(3);
    expect((await ben.head(addresses[0] ?? "")).status).toBe(404);
  });

  test.each([
    ["length", 11, lost],
    ["name", 10, { ...lost, filename: "b.txt" }],
  ] as const)("is for one request: another %s is refused", async (_, length, metadata) => {
    const client = await clientOf("/any");
    await client.create(10, lost, key("k"));
    await refused(await client.create(length, metadata, key("k")), 422, "idempotency_key_reused");
    expect(await files()).toHaveLength(1);
  });

  test("begins anew where the upload was ended", async () => {
    const client = await clientOf("/any");
    const address = addressOf(await client.create(10, lost, key("k")));
    expect((await client.end(address)).status).toBe(204);
    expect(await client.begin(10, lost, key("k"))).toBe(address);
    expect(await client.offset(address)).toBe(0);
    expect((await client.patch(address, 0, bytesOf(10))).status).toBe(204);
    expect(await files()).toMatchObject([{ status: "stored", file_size: 10 }]);
  });

  test.each([
    ["two words", "/any", "ann"],
    ["k", "/open", null],
  ])("%s is refused at %s by %s", async (value, path, id) => {
    const client = await clientOf(path, id);
    await refused(await client.create(10, lost, key(value)), 422, "idempotency_key_invalid");
    await expectNothing();
  });
});
