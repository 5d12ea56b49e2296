/** Bodies that are the one file themselves: the same file, row and answer as by a form, or a refusal that leaves nothing. */
import { env } from "cloudflare:workers";
import { beforeEach, describe, expect, inject, test } from "vitest";
import type { Json } from "../../../../../src/contract/plan.ts";
import type { ProblemCode } from "../../../../../src/contract/problem.ts";
import { createSluice } from "../../../../../src/index.ts";
import type { Engine } from "../../../../../src/runtime/database/engine.ts";
import { callerOf, dataOf, expectProblem, token, upload } from "../../../../support/app.ts";
import { buildOf } from "../../../../support/build.ts";
import { png } from "../../../../support/pictures.ts";
import { secrets } from "../../../../support/secrets.ts";
import { recordingQueues } from "../../jobs/support.ts";

export interface RawHarness {
  readonly engine: Engine;
  readonly bindings: Readonly<Record<string, unknown>>;
  readonly run: (sql: string) => Promise<readonly Readonly<Record<string, unknown>>[]>;
  /** The statement that makes the table. */
  readonly table: string;
}

type Row = Record<string, Json>;
type Headers = Readonly<Record<string, string>>;

const picture = png([200, 30, 30], 6, 4);
const named = (disposition: string): Headers => ({ "content-disposition": disposition });
const forField = (name: string): Headers => named(`form-data; name="${name}"; filename="a.png"`);
const lengthOf = (length: number | string): Headers => ({ "content-length": String(length) });

/** What a Content-Disposition names the file. */
const names: readonly (readonly [header: string, name: string])[] = [
  ['attachment; filename="photo.jpg"', "photo.jpg"],
  ["attachment; filename=photo.jpg", "photo.jpg"],
  ['inline;filename="a b;c.png"', "a b;c.png"],
  ['Attachment ; FILENAME="photo.jpg"', "photo.jpg"],
  ["attachment; filename=\"cafe.png\"; filename*=UTF-8''caf%C3%A9.png", "café.png"],
  ["attachment; filename*=utf-8'de'%E2%82%AC.png; filename=\"EUR.png\"", "€.png"],
  ["attachment; filename=\"plain.png\"; filename*=ISO-8859-1''%A3.png", "plain.png"],
  ['attachment; filename="größe.png"', "größe.png"],
  [String.raw`attachment; filename="say \"hi\".png"`, 'say "hi".png'],
  ['attachment; filename="../../etc/passwd"', "passwd"],
  [String.raw`attachment; filename="C:\\temp\\a.png"`, "a.png"],
  ["attachment; filename*=UTF-8''..%2F..%2Fa.png", "a.png"],
  ['form-data; name="whatever"; filename="photo.png"', "photo.png"],
  ['x-custom; filename="photo.png"', "photo.png"],
  ['attachment; name="x"; size=3; filename="photo.png"', "photo.png"],
  ['attachment; filename=""', "unnamed"],
  ["attachment", "unnamed"],
  ["inline", "unnamed"],
];

const unreadable: readonly (readonly [why: string, header: string])[] = [
  ["no kind", 'filename="a.png"'],
  ["an empty kind", '; filename="a.png"'],
  ["a quote that stays open", 'attachment; filename="a.png'],
  ["two names", 'attachment; filename="a.png"; filename="b.png"'],
  ["two headers", 'attachment; filename="a.png", inline'],
  ["no value", "attachment; filename="],
  ["a parameter without a name", "attachment; =a.png"],
  ["blanks in an extended name", "attachment; filename*=UTF-8''a b.png"],
  ["a line break in an extended name", "attachment; filename*=UTF-8''a%0Ab.png"],
  ["an extended name in no charset", "attachment; filename*=a.png"],
];

const refusedFields: readonly (readonly [why: string, headers: Headers, code: ProblemCode, status: number])[] = [
  ["no field is named", {}, "payload_invalid", 422],
  ["attachment names no field", named('attachment; name="selfie"; filename="a.png"'), "payload_invalid", 422],
  ["there is no such field", forField("photo"), "payload_invalid", 422],
  ["a name of a prototype", forField("__proto__"), "payload_invalid", 422],
  ["an empty name", forField(""), "payload_invalid", 422],
  ["another case", forField("Selfie"), "payload_invalid", 422],
  ["the type of another field", forField("document"), "file_type_not_allowed", 415],
];

const limits: readonly (readonly [what: string, path: string, headers: Headers])[] = [
  ["announced", "/things", lengthOf(1001)],
  ["not announced", "/things", {}],
  ["of the field, announced", "/photos", lengthOf(1001)],
  ["of the field", "/photos", {}],
];

export function describeRaw({ engine, run, table, ...harness }: RawHarness): void {
  const build = buildOf(inject("compiled").rawBodies, engine);
  const { sent, bindings: queues } = recordingQueues();
  const bindings = { ...harness.bindings, ...secrets, ...queues };
  const call = callerOf(build, bindings);
  const caller = async (id = "ann"): Promise<Record<string, string>> => ({
    "x-access-token": await token({ id, email: "a@example.com" }, { secret: secrets.JWT_SECRET_KEY }),
  });
  const send = async (path: string, body: BodyInit | null, more: Headers = {}, method = "PUT") =>
    call(path, { method, headers: { ...(await caller()), "content-type": "image/png", ...more }, body });
  const objects = async () => (await env.BUCKET.list()).objects.map(({ key }) => key);
  const storedRows = async () => run("SELECT original_file_name, file_type, file_size, endpoint FROM sluice_files");
  const expectNothing = async () => {
    expect(await objects()).toEqual([]);
    expect(await run("SELECT id FROM sluice_files WHERE status = 'stored'")).toEqual([]);
    expect(await run("SELECT id FROM shots")).toEqual([]);
  };
  const only = async (response: Response): Promise<Row> => {
    const [row, ...more] = await dataOf<Row[]>(response);
    expect(more).toEqual([]);
    return row ?? {};
  };
  beforeEach(async () => {
    sent.splice(0);
    await run("DELETE FROM sluice_files");
    await run("DROP TABLE IF EXISTS shots");
    await run(table);
  });

  describe("a body that is the file", () => {
    test.each(["PUT", "POST"])("by %s: bytes, type, name, size, checksum", async (method) => {
      const row = await only(await send("/things", picture, named('attachment; filename="red.png"'), method));
      expect(row).toMatchObject({
        original_file_name: "red.png",
        file_type: "image/png",
        extension: "png",
        file_size: picture.length,
        width: 6,
        height: 4,
        dominant_color: "#c81e1e",
      });
      const file = await call(new URL(row["url"] as string).pathname);
      expect(new Uint8Array(await file.arrayBuffer())).toEqual(picture);
      const form = await upload(call, "/things", await caller(), [
        { fileName: "red.png", type: "image/png", body: picture },
      ]);
      expect((await only(form))["checksum_sha256"]).toBe(row["checksum_sha256"]);
      expect(new Set((await storedRows()).map((one) => JSON.stringify(one))).size).toBe(1);
    });

    test.each(names)("%s", async (header, name) => {
      const row = await only(await send("/things", picture, named(header)));
      expect(row["original_file_name"]).toBe(name);
    });

    test.each(unreadable)("refused, a Content-Disposition with %s", async (_, header) => {
      await expectProblem(await send("/things", picture, named(header)), 400, "body_malformed");
      await expectNothing();
    });

    test("names as long as those of a form", async () => {
      expect((await send("/things", picture, named(`attachment; filename="${"a".repeat(1024)}"`))).status).toBe(200);
      const tooLong = await send("/things", picture, named(`attachment; filename="${"a".repeat(1025)}"`));
      expect(await expectProblem(tooLong, 413, "body_too_large")).toMatchObject({ limit: 1024 });
    });

    test.each([
      ["application/octet-stream", "image/png"],
      ["", "image/png"],
      ["application/x-www-form-urlencoded", "image/png"],
      ["image/*", "image/png"],
      ["nonsense", "image/png"],
      ["image/png, image/jpeg", "image/png"],
      ["IMAGE/PNG; charset=binary", "image/png"],
      ["multipart/mixed; boundary=a", "image/png"],
    ])("Content-Type %j: %s", async (type, found) => {
      expect((await only(await send("/things", picture, { "content-type": type })))["file_type"]).toBe(found);
    });

    test("JSON and text are files as any other", async () => {
      const json = await only(await send("/things", '{"a":1}', { "content-type": "application/json" }));
      expect(json).toMatchObject({ file_type: "application/json", file_size: 7 });
      const text = await only(
        await send("/things", "a,b\n", { ...named("attachment; filename=a.csv"), "content-type": "" }),
      );
      expect(text["file_type"]).toBe("text/csv");
    });

    test("a type that the bytes refute", async () => {
      const answer = await send("/things", picture, { "content-type": "application/pdf" });
      await expectProblem(answer, 415, "file_type_mismatch");
      await expectProblem(
        await send("/shots/a", "%PDF-1.4\n%%EOF\n", { "content-type": "" }),
        415,
        "file_type_not_allowed",
      );
      await expectNothing();
    });

    test.each([
      ["no body", null, {}],
      ["an empty body", new Uint8Array(0), {}],
      ["an empty body with its length", new Uint8Array(0), lengthOf(0)],
      ["a stream of nothing", new ReadableStream({ start: (stream) => stream.close() }), {}],
    ])("refused: %s", async (_, body, headers) => {
      await expectProblem(await send("/things", body, headers), 422, "file_missing");
      await expectNothing();
    });

    test("encodings and parts of files are refused", async () => {
      const packed = await send("/things", picture, { "content-encoding": "gzip" });
      expect((await expectProblem(packed, 415, "content_type_unsupported"))["detail"]).toContain("Content-Encoding");
      expect(packed.headers.get("accept-encoding")).toBe("identity");
      const range = `bytes 0-${String(picture.length - 1)}/9999`;
      await expectProblem(await send("/things", picture, { "content-range": range }), 400, "body_malformed");
      await expectNothing();
      expect((await send("/things", picture, { "content-encoding": "identity" })).status).toBe(200);
    });

    test.each(limits)("the limit is exact, %s", async (_, path, headers) => {
      const body = new Uint8Array(1001);
      body.set(picture);
      const exact = headers["content-length"] === undefined ? {} : lengthOf(1000);
      expect((await send(path, body.slice(0, 1000), exact)).status).toBe(200);
      const before = await objects();
      const name = named('attachment; filename="big.png"');
      const problem = await expectProblem(await send(path, body, { ...headers, ...name }), 413, "file_too_large");
      expect(problem).toMatchObject({ file: "big.png", limit: 1000 });
      expect(await objects()).toEqual(before);
    });

    test("what is too large by its own word is not read", async () => {
      let isRead = false;
      const body = new ReadableStream<Uint8Array>({ pull: () => void (isRead = true) }, { highWaterMark: 0 });
      await expectProblem(await send("/things", body, lengthOf(5_000_000_000)), 413, "file_too_large");
      expect(isRead).toBe(false);
      const small = callerOf(build, { ...bindings, MAX_REQUEST_BYTES: "100000" });
      const headers = { ...(await caller()), ...lengthOf(100_001) };
      const answer = await small("/putting", { method: "PUT", headers, body: new Uint8Array(100_001) });
      await expectProblem(answer, 413, "file_too_large");
    });

    test.each([
      ["shorter than its length", lengthOf(picture.length + 1), 400, "body_malformed"],
      ["longer than its length", lengthOf(picture.length - 1), 413, "body_too_large"],
    ] as const)("a body %s leaves nothing", async (_, headers, status, code) => {
      await expectProblem(await send("/things", picture, headers), status, code);
      await expectProblem(await send("/shots/a", picture, headers), status, code);
      await expectNothing();
    });

    test("a sender that stops leaves nothing", async () => {
      const body = new ReadableStream<Uint8Array>({
        pull(stream) {
          stream.enqueue(picture.slice(0, 20));
          stream.error(new Error("gone"));
        },
      });
      await expectProblem(await send("/shots/a", body), 400, "body_malformed");
      await expectNothing();
    });
  });

  describe("fields", () => {
    test("the only one is meant where none is named", async () => {
      expect(await only(await send("/photos", picture))).toMatchObject({ field_name: "photo" });
      expect(await only(await send("/photos", picture, forField("photo")))).toMatchObject({ field_name: "photo" });
      await expectProblem(await send("/photos", picture, forField("other")), 422, "payload_invalid");
    });

    test("one of several is named", async () => {
      const row = await only(await send("/papers", picture, forField("selfie")));
      expect(row).toMatchObject({ field_name: "selfie", original_file_name: "a.png" });
      const pdf = await send("/papers", "%PDF-1.4\n%%EOF\n", {
        ...forField("document"),
        "content-type": "application/pdf",
      });
      expect(await expectProblem(pdf, 422, "file_missing")).toMatchObject({ field: "selfie" });
    });

    test.each(refusedFields)("refused: %s", async (_, headers, code, status) => {
      const problem = await expectProblem(await send("/papers", picture, headers), status, code);
      if (code === "payload_invalid") expect(problem["expected"]).toEqual(["document", "selfie"]);
      await expectNothing();
    });

    test("rules of the payload that ask for nothing", async () => {
      expect(await dataOf(await send("/noted", picture))).toMatchObject({ note: "none" });
    });
  });

  describe("the rest of the endpoint", () => {
    test("a row of what stands in the address", async () => {
      const row = await dataOf<Row>(await send("/shots/summer?title=beach", picture));
      expect(row).toMatchObject({
        owner: "ann",
        album: "summer",
        title: "beach",
        size: picture.length,
        width: 6,
        note: null,
      });
      expect(row["storage_key"]).toMatch(/^shots\/summer\/[\w-]+\.png$/);
      await expectProblem(await send("/shots/summer?titel=beach", picture), 422, "parameter_invalid");
      expect(await objects()).toHaveLength(1);
    });

    test("a token, before anything of the body", async () => {
      const bad = await call("/things", { method: "PUT", headers: { "x-access-token": "x" }, body: picture });
      await expectProblem(bad, 401, "unauthorized");
      await expectNothing();
    });

    test("a job", async () => {
      expect((await send("/shots-job/summer", picture)).status).toBe(202);
      const settled = { ack: () => undefined, retry: () => undefined };
      const messages = sent
        .splice(0)
        .map(({ body }) => ({ id: "m", timestamp: new Date(), attempts: 1, body, ...settled }));
      await createSluice(build).queue({ queue: "sluice-jobs", messages }, { ...env, ...bindings } as Env);
      expect(await run("SELECT album, width FROM shots")).toMatchObject([{ album: "summer" }]);
    });

    test("a key stores once, and is for this method, name and file", async () => {
      const key = { "idempotency-key": crypto.randomUUID() };
      const first = await dataOf(await send("/shots/a", picture, key));
      const again = await send("/shots/a", picture, key);
      expect(again.headers.get("idempotent-replayed")).toBe("true");
      expect(await dataOf(again)).toEqual(first);
      const other = async (response: Promise<Response>) => expectProblem(await response, 422, "idempotency_key_reused");
      await other(send("/shots/a", png([1, 2, 3]), key));
      await other(send("/shots/a", picture, { ...key, ...named("attachment; filename=b.png") }));
      await other(send("/shots/a", picture, key, "POST"));
      expect(await objects()).toHaveLength(1);
      expect(await run("SELECT id FROM shots")).toHaveLength(1);
    });

    test("stripped, checked, with a thumbnail, in the place of the one before", async () => {
      const row = await only(await send("/avatar", picture));
      expect(row["thumbnails"]).toMatchObject([{ name: "small", width: 6, height: 4 }]);
      await expectProblem(await send("/avatar", picture.slice(0, -4)), 415, "file_type_mismatch");
      const next = await only(await send("/avatar", png([1, 2, 3], 20, 20)));
      const keys = (await objects()).filter((key) => key.startsWith("avatar/") && key.endsWith(".png"));
      expect(keys).toEqual([next["storage_key"]]);
    });

    test("a quota", async () => {
      const body = "x".repeat(100);
      expect((await send("/allowance", body, { "content-type": "", ...lengthOf(100) })).status).toBe(200);
      await expectProblem(await send("/allowance", body, { "content-type": "" }), 413, "quota_exceeded");
      expect(await objects()).toHaveLength(1);
    });
  });

  describe("methods", () => {
    const methodsAt = async (path: string) => (await call(path, { method: "OPTIONS" })).headers;
    const sharedWith = (headers: globalThis.Headers) => headers.get("access-control-allow-methods")?.split(",");

    test("PUT is there where raw is, and nowhere else", async () => {
      const cases = [
        ["/things", "POST, PUT, OPTIONS", true],
        ["/putting", "PUT, OPTIONS", true],
        ["/posting", "POST, OPTIONS", false],
        ["/form-only", "POST, OPTIONS", false],
      ] as const;
      for (const [path, allow, isThere] of cases) {
        const headers = await methodsAt(path);
        expect(headers.get("allow")).toBe(allow);
        expect(sharedWith(headers)?.includes("PUT")).toBe(isThere);
        if (isThere) continue;
        const refused = await send(path, picture);
        await expectProblem(refused, 405, "method_not_allowed");
        expect(refused.headers.get("allow")).toBe(allow);
      }
      expect(sharedWith(await methodsAt("/files/a"))).not.toContain("PUT");
      await expectProblem(await send("/putting", picture, {}, "POST"), 405, "method_not_allowed");
      await expectProblem(await send("/things", picture, {}, "PATCH"), 405, "method_not_allowed");
      expect((await send("/putting", picture)).status).toBe(200);
      expect((await send("/posting", picture, {}, "POST")).status).toBe(200);
    });

    test("without raw a body that is no form is refused as ever", async () => {
      await expectProblem(await send("/form-only", picture, {}, "POST"), 415, "content_type_unsupported");
    });

    test("a form comes in as ever, by both", async () => {
      const parts = [{ name: "selfie", fileName: "a.png", body: picture }];
      expect(await only(await upload(call, "/papers", await caller(), parts))).toMatchObject({ field_name: "selfie" });
      const form = new FormData();
      form.set("selfie", new Blob([picture]), "a.png");
      const put = await call("/papers", { method: "PUT", headers: await caller(), body: form });
      expect(await only(put)).toMatchObject({ field_name: "selfie" });
      const headers = { ...(await caller()), "content-type": "multipart/form-data" };
      await expectProblem(await call("/papers", { method: "PUT", headers, body: picture }), 400, "body_malformed");
    });
  });
}
