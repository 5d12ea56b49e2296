/**
 * Uploads in parts that no row knows: listed over S3 from a stand-in that the AWS SDK reads to the same list, and ended by the
 * whole Worker's sweep in workerd.
 */
import { tmpdir } from "node:os";
import { fileURLToPath } from "node:url";
import { ListMultipartUploadsCommand, S3Client } from "@aws-sdk/client-s3";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { createTestHarness } from "wrangler";
import { createUploadList } from "../../../src/runtime/storage/r2/uploads.ts";
import type { OpenUpload, UploadMarker } from "../../../src/runtime/storage/r2/upload-page.ts";
import { bucket, credentials, startS3Server, type ListedUpload, type S3Server } from "../../support/node/s3-server.ts";
import { d1Statements } from "../../support/d1-migrations.ts";
import { secrets } from "../../support/secrets.ts";

const HOUR_MILLISECONDS = 3_600_000;
const NAME = "V1StGXR8_Z5jdHi6B-myT.png";
const ago = (milliseconds: number) => new Date(Date.now() - milliseconds).toISOString();

let listed: ListedUpload[] = [];
let server: S3Server;

beforeAll(async () => {
  server = await startS3Server(() => listed, 10);
});
beforeEach(() => {
  listed = [];
  server.tamper(null);
});
afterAll(() => server.close());

const access = () => ({
  endpoint: server.url,
  bucket,
  accessKeyId: credentials.accessKeyId,
  secret: credentials.secretAccessKey,
});

async function readAll(): Promise<OpenUpload[]> {
  const list = createUploadList(access(), new Date());
  const uploads: OpenUpload[] = [];
  for (let after: UploadMarker | null = null, isLast = false; !isLast;) {
    const page = await list(after);
    uploads.push(...page.uploads);
    after = page.next;
    isLast = after === null;
  }
  return uploads;
}

/** The same with the AWS SDK. */
async function readAllBySdk(): Promise<OpenUpload[]> {
  const client = new S3Client({ region: "auto", endpoint: server.url, forcePathStyle: true, credentials });
  const uploads: OpenUpload[] = [];
  let markers: { KeyMarker?: string | undefined; UploadIdMarker?: string | undefined } = {};
  for (let isLast = false; !isLast;) {
    const page = await client.send(new ListMultipartUploadsCommand({ Bucket: bucket, ...markers }));
    for (const { Key: key = "", UploadId: uploadId = "", Initiated: initiated } of page.Uploads ?? []) {
      uploads.push({ key, uploadId, initiated: initiated ?? new Date(Number.NaN) });
    }
    markers = { KeyMarker: page.NextKeyMarker, UploadIdMarker: page.NextUploadIdMarker };
    isLast = page.IsTruncated !== true;
  }
  return uploads;
}

describe("the list", () => {
  const folders = [
    "a b/c+d",
    "ä/日本/👩 ~",
    "100%/%2e%2e/a%20b",
    "!'()*/me@x.com;a=b,c$d&e",
    '?#[]:{}|^`"<>',
    "]]>&amp;",
  ];

  test("page after page, the AWS SDK reads the same", async () => {
    // More uploads of one key than a page has: they are told apart by their ids.
    const ids = Array.from({ length: 23 }, (_, index) => `id+/=&${String(index)}`);
    listed = [
      ...folders.map((folder) => ({ key: `${folder}/${NAME}`, uploadId: "A1", initiated: ago(1000) })),
      ...ids.map((uploadId) => ({ key: `k/${NAME}`, uploadId, initiated: "2026-01-02T03:04:05Z" })),
    ];
    const uploads = await readAll();
    expect(uploads).toEqual(await readAllBySdk());
    expect(uploads).toHaveLength(29);
    expect(new Set(uploads.map(({ key, uploadId }) => JSON.stringify([key, uploadId])))).toEqual(
      new Set(listed.map(({ key, uploadId }) => JSON.stringify([key, uploadId]))),
    );
  });

  test("none, and exactly a page", async () => {
    expect(await readAll()).toEqual([]);
    listed = Array.from({ length: 10 }, (_, index) => ({ key: `a${String(index)}`, uploadId: "1", initiated: ago(0) }));
    expect(await readAll()).toHaveLength(10);
    expect(await readAllBySdk()).toHaveLength(10);
  });

  test("the address carries no signature", () => {
    expect(server.requests.length).toBeGreaterThan(0);
    for (const { url, authorization } of server.requests) {
      expect(url).not.toContain("Signature");
      expect(authorization).toMatch(/^AWS4-HMAC-SHA256 Credential=stand-in-key\/\d{8}\/auto\/s3\/aws4_request, /);
    }
  });
});

describe("an answer that is no list", () => {
  test.each([
    [{ secret: "another" }, "403 SignatureDoesNotMatch"],
    [{ accessKeyId: "another" }, "403 InvalidAccessKeyId"],
    [{ bucket: "another" }, "404 NoSuchBucket"],
    [{ endpoint: "http://127.0.0.1:1" }, "fetch failed"],
  ])("%j", async (change, reason) => {
    const read = createUploadList({ ...access(), ...change }, new Date())(null);
    await expect(read).rejects.toMatchObject({
      code: "storage_unavailable",
      message: expect.stringContaining(`R2 ListMultipartUploads failed: ${reason}`),
    });
  });

  test.each([
    [501, "<Error><Code>NotImplemented</Code></Error>", "501 NotImplemented"],
    [502, "Bad gateway", "502 without a code"],
    [301, "", "301 without a code"],
    [200, "", "no whole list"],
    [200, "<Error><Code>InternalError</Code></Error>", "no whole list"],
  ])("%i %s", async (status, body, reason) => {
    server.tamper(() => ({ status, body }));
    const read = createUploadList(access(), new Date())(null);
    await expect(read).rejects.toThrow(`R2 ListMultipartUploads failed: ${reason}`);
  });

  test("cut off anywhere", async () => {
    listed = [{ key: `a&b/${NAME}`, uploadId: "1", initiated: ago(0) }];
    let whole = "";
    server.tamper((answer) => ({ ...answer, body: (whole = answer.body) }));
    const list = createUploadList(access(), new Date());
    await list(null);
    for (let length = 0; length < whole.trimEnd().length; length += 7) {
      server.tamper((answer) => ({ ...answer, body: answer.body.slice(0, length) }));
      await expect(list(null)).rejects.toThrow("R2 ListMultipartUploads failed");
    }
  });

  test("a page that leads to itself", async () => {
    listed = Array.from({ length: 11 }, (_, index) => ({ key: `a${String(index)}`, uploadId: "1", initiated: ago(0) }));
    const list = createUploadList(access(), new Date());
    const { next } = await list(null);
    server.tamper(({ status, body }) => ({
      status,
      body: body
        .replace("<IsTruncated>false", "<IsTruncated>true")
        .replace(
          "<NextKeyMarker/>",
          `<NextKeyMarker>${String(next?.key)}</NextKeyMarker><NextUploadIdMarker>1</NextUploadIdMarker>`,
        ),
    }));
    await expect(list(next)).rejects.toThrow("no next page");
  });
});

process.env["CLOUDFLARE_CF_FETCH_ENABLED"] = "false";
process.env["WRANGLER_SEND_METRICS"] = "false";
process.env["WRANGLER_LOG"] ??= "error";

/** What of the bindings is used here: their full types are workerd's, and this file's are Node's. */
interface Upload {
  readonly uploadId: string;
  abort(): Promise<void>;
  uploadPart(part: number, body: string): Promise<unknown>;
}
interface Bindings {
  readonly DB: { prepare(sql: string): { run(): Promise<unknown> } };
  readonly BUCKET: {
    createMultipartUpload(key: string): Promise<Upload>;
    resumeMultipartUpload(key: string, uploadId: string): Upload;
  };
}

const project = fileURLToPath(new URL("../../../", import.meta.url));
const harnessOf = (vars: Readonly<Record<string, string>>) =>
  createTestHarness({
    root: tmpdir(),
    workers: [
      {
        config: {
          name: "uploads",
          main: `${project}.sluice/worker.ts`,
          compatibility_date: "2026-10-20",
          compatibility_flags: ["enable_request_signal"],
          vars: { ...secrets, ...vars },
          r2_buckets: [{ binding: "BUCKET", bucket_name: bucket }],
          d1_databases: [{ binding: "DB", database_id: "uploads" }],
        },
      },
    ],
  });

test("the Worker's sweep ends those of the runtime that are older than an hour, and no others", async () => {
  const harness = harnessOf({
    R2_ACCESS_KEY_ID: credentials.accessKeyId,
    R2_SECRET_ACCESS_KEY: credentials.secretAccessKey,
    R2_ACCOUNT_ID: "0123456789abcdef0123456789abcdef",
    R2_BUCKET_NAME: bucket,
    R2_S3_ENDPOINT: server.url,
  });
  try {
    await harness.listen();
    const worker = harness.getWorker();
    const { BUCKET, DB } = (await worker.getEnv()) as Bindings;
    for (const sql of d1Statements()) await DB.prepare(sql).run();
    const logged = (event: string) =>
      harness
        .getLogs()
        .filter(({ message }) => message.startsWith(`{"event":"${event}"`))
        .map(({ message }): unknown => JSON.parse(message));
    const isOpen = async ({ key, uploadId }: ListedUpload) =>
      BUCKET.resumeMultipartUpload(key, uploadId)
        .uploadPart(1, "x")
        .then(
          () => true,
          () => false,
        );
    const open = async (key: string, milliseconds: number) => {
      const { uploadId } = await BUCKET.createMultipartUpload(key);
      listed.push({ key, uploadId, initiated: ago(milliseconds) });
    };
    for (const folder of ["a b/c+d", "ä/👩&'", '<">', "plain"]) {
      await open(`${folder}/${NAME}`, HOUR_MILLISECONDS + 60_000);
      await open(`${folder}/${NAME}`, HOUR_MILLISECONDS - 60_000);
      await open(`${folder}/backup.tar`, 24 * HOUR_MILLISECONDS);
    }
    await worker.scheduled({ cron: "*/10 * * * *", scheduledTime: new Date() });
    const stillOpen = await Promise.all(listed.map(isOpen));
    expect(stillOpen).toEqual([false, true, true, false, true, true, false, true, true, false, true, true]);
    expect(logged("sweep")).toMatchObject([{ uploads: 4, aborted: 0 }]);

    server.tamper(() => ({ status: 403, body: "<Error><Code>AccessDenied</Code></Error>" }));
    await worker.scheduled({ cron: "*/10 * * * *", scheduledTime: new Date() });
    expect(logged("sweep")).toMatchObject([{ uploads: 4 }, { uploads: null, links: 0 }]);
    const reason = "R2 ListMultipartUploads failed: 403 AccessDenied";
    expect(logged("sweep_uploads_failed")).toMatchObject([{ reason }]);
  } finally {
    await harness.close();
  }
});
