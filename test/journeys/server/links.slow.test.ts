/**
 * Links against other people's code: the AWS SDK's presigner and Cloudflare's local S3 endpoint. Theirs must open here,
 * ours there, and where both sign the same the signatures are equal.
 */
import { tmpdir } from "node:os";
import { fileURLToPath } from "node:url";
import { GetObjectCommand, HeadObjectCommand, S3Client } from "@aws-sdk/client-s3";
import { getSignedUrl, S3RequestPresigner } from "@aws-sdk/s3-request-presigner";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { createTestHarness } from "wrangler";
import { fileUrl } from "../../../src/runtime/links/file-url.ts";
import { presignR2 } from "../../../src/runtime/links/r2.ts";
import { signLink, type LinkRequest } from "../../../src/runtime/links/signed-link.ts";
import { readObjectKey } from "../../../src/runtime/storage/object-key.ts";
import { d1Statements } from "../../support/d1-migrations.ts";
import { linkKey, secrets } from "../../support/secrets.ts";

const r2Credentials = { accessKeyId: "local-key", secretAccessKey: "local-secret" };
const bytes = Buffer.from("what lies in the bucket");
/** Names that are hard to spell in an address; the bucket's own are simpler. */
const names = [
  "a.png",
  "users/42/V1StGXR8_Z5jdHi6B-myT.png",
  "a b/c+d.png",
  "ä/日本/👩 ~.txt",
  "100%/%2e%2e/a%20b.csv",
  "!'()*/me@x.com;a=b,c$d&e.txt",
  '?#[]:{}|^`"<>.txt',
];

process.env["CLOUDFLARE_CF_FETCH_ENABLED"] = "false";
process.env["WRANGLER_SEND_METRICS"] = "false";
process.env["WRANGLER_LOG"] ??= "error";

const project = fileURLToPath(new URL("../../../", import.meta.url));
const server = createTestHarness({
  root: tmpdir(),
  workers: [
    {
      config: {
        name: "links",
        main: `${project}.sluice/worker.ts`,
        compatibility_date: "2026-10-20",
        compatibility_flags: ["enable_request_signal"],
        vars: secrets,
        r2_buckets: [
          { binding: "BUCKET", bucket_name: "links", local_dev: { experimental_s3_credentials: r2Credentials } },
        ],
        d1_databases: [{ binding: "DB", database_id: "links" }],
      },
    },
  ],
});

/** What of the bindings is used here: their full types are workerd's, and this file's are Node's. */
interface Bindings {
  readonly BUCKET: { put(key: string, value: Uint8Array, options?: object): Promise<unknown> };
  readonly DB: { prepare(sql: string): { bind(...values: unknown[]): { run(): Promise<unknown> } } };
}

let origin = "";

beforeAll(async () => {
  const { url } = await server.listen();
  origin = url.origin;
  const worker = server.getWorker();
  const { BUCKET, DB } = (await worker.getEnv()) as Bindings;
  for (const sql of d1Statements()) await DB.prepare(sql).bind().run();
  const columns = "id, storage_key, status, visibility, endpoint, original_file_name, file_type, extension, file_size";
  const insert = `INSERT INTO sluice_files (${columns}, created_at, updated_at)
    VALUES (?, ?, 'stored', 'private', 'test', 'a b.png', 'image/png', 'png', ?, ?, ?)`;
  const now = new Date().toISOString();
  for (const [index, name] of names.entries()) {
    await BUCKET.put(name, bytes, { httpMetadata: { contentType: "image/png" } });
    await DB.prepare(insert).bind(String(index), name, bytes.length, now, now).run();
  }
}, 60_000);

afterAll(() => server.close());

const clientOf = (endpoint: string, credentials: { accessKeyId: string; secretAccessKey: string }) =>
  new S3Client({ region: "auto", endpoint, forcePathStyle: true, credentials });
const sdkClient = () => clientOf(origin, { accessKeyId: linkKey.accessKeyId, secretAccessKey: linkKey.secret });

/** The SDK adds the hash of no body to what it signs unless it is told that this is no header of ours. */
async function presignAsSdk(url: URL, method: string, expiresIn: number, signingDate: Date) {
  const credentials = { accessKeyId: linkKey.accessKeyId, secretAccessKey: linkKey.secret };
  const client = clientOf(url.origin, credentials);
  const left = new Set(["x-amz-content-sha256"]);
  const request = {
    method,
    protocol: url.protocol,
    hostname: url.hostname,
    path: url.pathname,
    query: Object.fromEntries([...url.searchParams].filter(([name]) => !name.startsWith("X-Amz-"))),
    headers: { host: url.host },
    ...(url.port === "" ? {} : { port: Number(url.port) }),
  };
  const options = { expiresIn, signingDate, unsignableHeaders: left, unhoistableHeaders: new Set(left) };
  const signed = await new S3RequestPresigner(client.config).presign(request, options);
  return signed.query as Record<string, string>;
}

describe("where both sign the same, the signature is the same", () => {
  const base = { method: "GET", expiresSeconds: 60, now: new Date("2026-10-20T23:59:59.900Z") } as const;
  const terms: readonly Partial<LinkRequest>[] = [
    {},
    { method: "HEAD" },
    { expiresSeconds: 604_800, now: new Date("2028-02-29T00:00:00Z") },
    { disposition: 'attachment; filename="ä \'(1)*.txt"', type: "text/plain" },
    { disposition: "inline; filename*=UTF-8''%C3%A4", epoch: 7, id: "V1StGXR8_Z5jdHi6B-myT", maxDownloads: 3 },
  ];
  const origins = ["https://files.example", "http://localhost:8787"];

  test(`of ${names.length * terms.length * origins.length} links`, async () => {
    for (const origin of origins) {
      for (const name of names) {
        for (const term of terms) {
          const request = { ...base, ...term, base: origin, key: readObjectKey(name)! };
          const ours = new URL(await signLink(linkKey, request));
          const theirs = await presignAsSdk(ours, request.method, request.expiresSeconds, request.now);
          expect(Object.fromEntries(ours.searchParams)).toEqual(theirs);
        }
      }
    }
  });

  test(`of ${names.length} links on R2`, async () => {
    const access = { endpoint: "https://0123.r2.cloudflarestorage.com", bucket: "my-bucket", ...linkKey };
    for (const name of names) {
      const file = { fileType: "image/svg+xml", fileName: name, kind: "inline" } as const;
      const ours = new URL(await presignR2(access, { ...base, ...file, key: readObjectKey(name)! }));
      expect(ours.pathname).toMatch(/^\/my-bucket\//);
      expect(Object.fromEntries(ours.searchParams)).toEqual(await presignAsSdk(ours, "GET", 60, base.now));
    }
  });
});

describe("the SDK's links open here", () => {
  test.each(names)("to %s", async (Key) => {
    const command = new GetObjectCommand({
      Bucket: "files",
      Key,
      ResponseContentDisposition: 'attachment; filename="x y"',
    });
    const url = await getSignedUrl(sdkClient(), command, { expiresIn: 60 });
    expect(url.split("?")[0]).toBe(fileUrl(origin, readObjectKey(Key)!));
    const answer = await fetch(url);
    expect([answer.status, Buffer.from(await answer.arrayBuffer())]).toEqual([200, bytes]);
    expect(answer.headers.get("content-disposition")).toBe('attachment; filename="x y"');
    const head = await getSignedUrl(sdkClient(), new HeadObjectCommand({ Bucket: "files", Key }), { expiresIn: 60 });
    expect((await fetch(head, { method: "HEAD" })).status).toBe(200);
    expect((await fetch(head)).status).toBe(403);
  });

  test("but not those of another key, bucket, time or an altered one", async () => {
    const command = new GetObjectCommand({ Bucket: "files", Key: "a.png" });
    const past = new Date(Date.now() - 120_000);
    const future = new Date(Date.now() + 600_000);
    const other = clientOf(origin, { accessKeyId: "sluice", secretAccessKey: "another secret" });
    const good = await getSignedUrl(sdkClient(), command, { expiresIn: 60 });
    const statuses = {
      good: (await fetch(good)).status,
      altered: (await fetch(good.replace("x-id=GetObject", "x-id=HeadObject"))).status,
      widened: (await fetch(`${good}&response-content-type=text/plain`)).status,
      past: (await fetch(await getSignedUrl(sdkClient(), command, { expiresIn: 60, signingDate: past }))).status,
      future: (await fetch(await getSignedUrl(sdkClient(), command, { expiresIn: 60, signingDate: future }))).status,
      secret: (await fetch(await getSignedUrl(other, command, { expiresIn: 60 }))).status,
    };
    expect(statuses).toEqual({ good: 200, altered: 403, widened: 403, past: 410, future: 403, secret: 403 });
  });
});

describe("our links on R2 open at the local S3 endpoint", () => {
  const access = () => ({
    endpoint: `${origin}/cdn-cgi/local/r2/s3`,
    bucket: "links",
    accessKeyId: r2Credentials.accessKeyId,
    secret: r2Credentials.secretAccessKey,
  });
  const request = (name: string, now = new Date()) => ({
    key: readObjectKey(name)!,
    fileType: "image/png",
    fileName: "a b.png",
    kind: "inline" as const,
    expiresSeconds: 60,
    now,
  });

  test.each(names)("to %s", async (name) => {
    const answer = await fetch(await presignR2(access(), request(name)));
    expect([answer.status, Buffer.from(await answer.arrayBuffer())]).toEqual([200, bytes]);
  });

  test("where the SDK's own opens, and neither does when it is late or altered", async () => {
    const client = clientOf(access().endpoint, r2Credentials);
    const command = new GetObjectCommand({ Bucket: "links", Key: "a.png" });
    const past = new Date(Date.now() - 120_000);
    const ours = await presignR2(access(), request("a.png"));
    const theirs = await getSignedUrl(client, command, { expiresIn: 60 });
    for (const url of [ours, theirs]) {
      expect((await fetch(url)).status).toBe(200);
      expect((await fetch(url.replace("a.png?", "b.png?"))).status).toBe(403);
      expect((await fetch(url.replace("X-Amz-Expires=60", "X-Amz-Expires=61"))).status).toBe(403);
    }
    expect((await fetch(await presignR2(access(), request("a.png", past)))).status).toBe(403);
    expect((await fetch(await getSignedUrl(client, command, { expiresIn: 60, signingDate: past }))).status).toBe(403);
  });
});
