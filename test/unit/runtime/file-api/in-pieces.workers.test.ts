/** FILE_API_RESUMABLE: the file API's files in pieces, beside its forms. */
import { env } from "cloudflare:workers";
import { describe, expect, test } from "vitest";
import { resumableLimitsSchema } from "../../../../src/compiler/interface/openapi/file-api-paths.ts";
import type { Json } from "../../../../src/contract/plan.ts";
import { callerOf, formBody, MULTIPART, token } from "../../../support/app.ts";
import { buildOf, buildResumable, runSweep } from "../../../support/build.ts";
import { deviations } from "../../../support/conforms.ts";
import { useFreshStorage } from "../../../support/database.ts";
import { png } from "../../../support/pictures.ts";
import { planOf, uploadStep } from "../../../support/plans.ts";
import { addressOf, CHUNK, metadataOf, tusClient, VERSION } from "../../../support/tus.ts";
import { bytesOf } from "../resumable/harness.ts";
import { dataOf, expectRefusal, listOf, UPLOADED, user, type FileDocument } from "./support.ts";

useFreshStorage();

const PATH = "/v1/upload";
const PRIVATE = `${PATH}/private`;
const picture = png([200, 30, 30], 100, 60);

function clientWith(bindings: Readonly<Record<string, unknown>> = {}) {
  const call = callerOf(buildResumable([]), bindings);
  const headersOf = async (claims: object = { id: "ann" }) => ({
    authorization: `Bearer ${await token({ ...claims })}`,
  });
  const as = async (path: string, claims?: object) => tusClient(call, path, await headersOf(claims));
  return { call, as, ann: user("ann", call), ben: user("ben", call), headersOf };
}

type Client = Awaited<ReturnType<ReturnType<typeof clientWith>["as"]>>;

async function begin(client: Client, length: number | null, metadata: Record<string, string> = {}): Promise<string> {
  const created = await client.create(length, metadata);
  expect([created.status, await created.text()]).toEqual([201, ""]);
  return addressOf(created);
}

/** The picture in two pieces. */
async function send(client: Client, name = "red.png"): Promise<Response> {
  const address = await begin(client, picture.length, { filename: name });
  expect((await client.patch(address, 0, picture.subarray(0, 50))).status).toBe(204);
  return client.patch(address, 50, picture.subarray(50), { prefer: "return=representation" });
}

const rows = async () => (await env.DB.prepare("SELECT * FROM sluice_files").all()).results;
const count = () => env.DB.prepare("SELECT bytes, files FROM sluice_quotas").first();
const objects = async () => (await env.BUCKET.list()).objects.map(({ key }) => key);

/** What differs from one file to the next. */
const apart = { _id: "", name: "", url: "", createdAt: "", updatedAt: "" };

describe("an upload in pieces", () => {
  test.each([PATH, `${PATH}/`, PRIVATE])("at %s is answered as a form is, and is the same file", async (path) => {
    const { as, ann } = clientWith({ FILE_API_THUMBNAILS: "small:32" });
    const file = await dataOf(await send(await as(path)), UPLOADED);
    const formed = await dataOf(
      await ann.upload([{ name: "file", fileName: "red.png", body: picture }], path),
      UPLOADED,
    );
    const alike = ({ meta, ...rest }: FileDocument) => ({
      ...rest,
      ...apart,
      meta: { ...meta, thumbnails: [], thumbnailUrl: "" },
    });
    expect(alike(file)).toEqual(alike(formed));
    expect(file.meta).toMatchObject({ thumbnails: [{ name: "small", width: 32 }] });
    expect(file.meta["visibility"]).toBe(path === PRIVATE ? "private" : "public");
    expect(file.name).toMatch(path === PRIVATE ? /^private\/ann\/[\w-]{36}\.png$/ : /^public\/ann\/[\w-]{36}\.png$/);
    expect((await ann.send(new URL(file.url).pathname)).status).toBe(path === PRIVATE ? 404 : 200);
    const { data } = await listOf(ann, "?cursor=&sort=oldest");
    expect(data.map(({ _id }) => _id)).toEqual([file._id, formed._id]);
    expect(await rows()).toMatchObject([{ endpoint: "v1/upload", file_api: 1 }, { endpoint: "v1/upload" }]);
  });

  test("tells how far it is, and what was answered, for as long as it lives", async () => {
    const { as } = clientWith();
    const client = await as(PATH);
    const address = await begin(client, picture.length);
    expect(address).toMatch(/^https:\/\/uploads\.example\/v1\/upload\/uploads\/[0-9a-f]{64}$/);
    await client.patch(address, 0, picture.subarray(0, 50));
    const incomplete = await client.get(address);
    expect([incomplete.status, await incomplete.json()]).toEqual([
      202,
      { status: "success", message: "Incomplete", data: null, offset: 50, length: picture.length },
    ]);
    expect((await client.head(address)).headers.get("upload-offset")).toBe("50");
    expect((await client.patch(address, 50, picture.subarray(50))).status).toBe(204);
    const file = await dataOf(await client.get(address), UPLOADED);
    expect(await dataOf(await client.get(address), UPLOADED)).toEqual(file);
    expect((await client.end(address)).status).toBe(404);
    expect(await objects()).toEqual([file.name]);
  });

  test("that is private is answered with thumbnails that open, as often as it is asked for", async () => {
    const { as, call } = clientWith({ FILE_API_THUMBNAILS: "small:32" });
    const client = await as(PRIVATE);
    const address = await begin(client, picture.length, { filename: "a.png" });
    await client.patch(address, 0, picture);
    for (const answer of [await client.get(address), await client.get(address)]) {
      const { meta, url } = await dataOf(answer, UPLOADED);
      const thumbnail = new URL(meta["thumbnailUrl"] as string);
      expect((await call(`${thumbnail.pathname}${thumbnail.search}`)).status).toBe(200);
      expect((await call(new URL(url).pathname)).status).toBe(404);
    }
  });

  test("may bring all its bytes with the creation", async () => {
    const { call, headersOf } = clientWith();
    const created = await call(PATH, {
      method: "POST",
      headers: {
        ...(await headersOf()),
        ...CHUNK,
        "upload-length": String(picture.length),
        "upload-metadata": metadataOf({ filename: "a.png", field: "any" }),
        prefer: "return=representation",
      },
      body: picture,
    });
    expect(created.headers.get("location")).toContain("/v1/upload/uploads/");
    expect(await dataOf(created, UPLOADED)).toMatchObject({ type: "image/png" });
  });

  test("has the file API's types and size, which are judged at its creation", async () => {
    const { as } = clientWith({ FILE_API_TYPES: "image/png", FILE_API_MAX_BYTES: "1000" });
    const client = await as(PATH);
    await expectRefusal(await client.create(1001), 413, "file_too_large");
    await expectRefusal(await client.create(10, { filetype: "video/mp4" }), 415, "file_type_not_allowed");
    const address = await begin(client, 500, { filename: "a.png" });
    await expectRefusal(await client.patch(address, 0, bytesOf(500)), 415, "file_type_not_allowed");
    expect((await client.head(address)).status).toBe(404);
    expect([await rows(), await objects()]).toEqual([[], []]);
  });

  test("counts for FILE_API_QUOTA with the forms, from its creation on", async () => {
    const { as, ann } = clientWith({ FILE_API_QUOTA: "bytes:1000, files:2" });
    const client = await as(PRIVATE);
    const address = await begin(client, 600);
    expect(await count()).toEqual({ bytes: 600, files: 1 });
    expect(await expectRefusal(await client.create(401), 413, "quota_exceeded")).toMatchObject({ bytes_left: 400 });
    const text = [{ name: "file", fileName: "a.txt", type: "text/plain", body: "a".repeat(401) }];
    await expectRefusal(await ann.upload(text), 413, "quota_exceeded");
    expect((await client.end(address)).status).toBe(204);
    await runSweep(env);
    expect(await count()).toEqual({ bytes: 0, files: 0 });
    const hello = await begin(client, 5, { filename: "a.txt", filetype: "text/plain" });
    expect((await client.patch(hello, 0, "hello")).status).toBe(204);
    expect(await count()).toEqual({ bytes: 5, files: 1 });
  });

  test("is its caller's, whose tokens are the file API's", async () => {
    const { as, call } = clientWith({ TOKEN_AUDIENCE: "files" });
    const claims = { id: "ann", aud: "files" };
    const address = await begin(await as(PATH, claims), 100);
    for (const [other, status] of [
      [{ id: "ben", aud: "files" }, 404],
      [{ id: "ann", aud: "others" }, 401],
      [{ id: "ann" }, 401],
      [{ aud: "files" }, 401],
    ] as const) {
      const client = await as(PATH, other);
      const answers = [await client.head(address), await client.get(address), await client.end(address)];
      expect([...answers, await client.patch(address, 0, bytesOf(10))].map((one) => one.status)).toEqual(
        Array.from({ length: 4 }, () => status),
      );
    }
    const refused = await (await as(PATH, { id: "ann" })).create(10);
    await expectRefusal(refused, 401, "unauthorized");
    expect(refused.headers.get("tus-resumable")).toBe("1.0.0");
    expect((await call(new URL(address).pathname, { method: "HEAD", headers: VERSION })).status).toBe(401);
    expect((await (await as(PATH, { sub: "ann", aud: "files" })).head(address)).status).toBe(200);
  });

  test("has refusals in the file API's form", async () => {
    const { as, ann } = clientWith();
    const client = await as(PATH);
    const address = await begin(client, 100);
    await expectRefusal(await client.patch(address, 7, bytesOf(10)), 409, "offset_conflict");
    await expectRefusal(await client.get(address.replace(/[0-9a-f]{64}$/, "f".repeat(64))), 404, "resource_not_found");
    await expectRefusal(await client.get(`${address}/x`), 404, "resource_not_found");
    await expectRefusal(
      await ann.send(new URL(address).pathname, { method: "PUT", headers: VERSION }),
      405,
      "method_not_allowed",
    );
    await expectRefusal(
      await ann.send(PATH, { method: "POST", headers: { "tus-resumable": "0.2" } }),
      412,
      "precondition_failed",
    );
    await expectRefusal(await ann.send(`${PATH}/uploads`), 404, "file_not_found");
  });
});

test("forms go on as they were", async () => {
  const { ann } = clientWith();
  await dataOf(await ann.upload(), UPLOADED);
  await expectRefusal(
    await ann.send(PATH, { method: "POST", headers: MULTIPART, body: formBody([]) }),
    422,
    "file_missing",
  );
});

test("the limits tell of both ways in", async () => {
  const { ann } = clientWith({ FILE_API_MAX_BYTES: "2000000000", MAX_REQUEST_BYTES: "1000000" });
  const limits = await dataOf<Json>(await ann.send(`${PATH}/limits`), "OK");
  expect(limits).toMatchObject({ maxFileBytes: 1_000_000, resumable: true, maxResumableBytes: 2_000_000_000 });
  expect(deviations(resumableLimitsSchema, limits)).toEqual([]);
  expect((await ann.send(`${PATH}/limits/`, { method: "HEAD" })).status).toBe(200);
});

const inPieces = { ...planOf([uploadStep({ resumable: true })]), id: "films-01", resource: "films" };

describe("OPTIONS", () => {
  const told = async (build: Parameters<typeof callerOf>[0], path: string) =>
    (await callerOf(build)(path, { method: "OPTIONS" })).headers.get("tus-version");

  test.each([
    [PATH, "1.0.0"],
    [`${PATH}/`, "1.0.0"],
    [PRIVATE, "1.0.0"],
    [`${PATH}/uploads/0`, "1.0.0"],
    [`${PATH}/limits`, null],
    [`${PATH}s`, null],
  ])("%s: %s", async (path, version) => {
    expect(await told(buildResumable([]), path)).toBe(version);
    expect(await told(buildOf([inPieces]), path)).toBe(null);
  });
});

test("without it a creation is a form of no kind, whatever ABIs are", async () => {
  const client = tusClient(callerOf(buildOf([inPieces])), PATH, await clientWith().headersOf());
  await expectRefusal(await client.create(100), 415, "content_type_unsupported");
  const address = await begin(await clientWith().as(PATH), 100);
  await expectRefusal(await client.get(address), 404, "resource_not_found");
});
