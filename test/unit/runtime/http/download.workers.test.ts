import { env } from "cloudflare:workers";
import { beforeAll, describe, expect, test } from "vitest";
import type { FileRecord } from "../../../../src/runtime/files/record.ts";
import { serveFile, type DownloadOptions } from "../../../../src/runtime/http/download.ts";
import { fileUrl } from "../../../../src/runtime/links/file-url.ts";
import { signLink, type LinkRequest } from "../../../../src/runtime/links/signed-link.ts";
import { Problem } from "../../../../src/contract/problem.ts";
import { readObjectKey } from "../../../../src/runtime/storage/object-key.ts";
import { createR2Store } from "../../../../src/runtime/storage/r2/store.ts";
import { presign } from "../../../support/sigv4-oracle.ts";
import { linkKey, placeOf } from "../../../support/secrets.ts";

const origin = "https://files.example";
const place = placeOf(origin);
const now = new Date("2026-10-20T12:00:00.500Z");
const bytes = Uint8Array.from({ length: 1000 }, (_, at) => at % 251);
const checksumSha256 = "ab".repeat(32);
const etag = `"${checksumSha256}"`;
const lastModified = "Tue, 20 Oct 2026 10:00:00 GMT";

const records = new Map<string, FileRecord>();

function record(name: string, changes: Partial<FileRecord> = {}): FileRecord {
  const made: FileRecord = {
    id: "0123456789abcdef01234567",
    owner: "42",
    storageKey: readObjectKey(`users/42/${name}`)!,
    status: "stored",
    visibility: "public",
    endpoint: "gallery",
    originalFileName: "Übersicht 1.png",
    fileType: "image/png",
    extension: "png",
    fileSize: bytes.length,
    checksumSha256,
    dominantColor: null,
    thumbhash: null,
    width: null,
    height: null,
    thumbnails: null,
    expiresAt: null,
    linkEpoch: 0,
    deletedAt: null,
    purgeAt: null,
    createdAt: "2026-10-20T10:00:00.900Z",
    updatedAt: "2026-10-20T11:00:00.000Z",
    ...changes,
  };
  records.set(made.storageKey, made);
  return made;
}

const open = record("open.png");
const secret = record("secret.png", { visibility: "private" });
const pending = record("pending.png", { status: "pending", checksumSha256: null });
const deleted = record("deleted.png", { status: "deleted" });
const missing = { ...open, storageKey: readObjectKey("users/42/none.png")! };
const lost = record("lost.png");
const empty = record("empty.txt", { fileType: "text/plain", fileSize: 0 });
const wrong = record("wrong.png", { fileSize: 999 });
const html = record("page.html", { fileType: "text/html", originalFileName: "page.html" });
const odd = record("ä (1)+%.svg", { fileType: "image/svg+xml" });
const ended = record("ended.png", { expiresAt: "2026-10-20T12:00:00.500Z" });
const endedSecret = record("ended-secret.png", { visibility: "private", expiresAt: "2026-10-20T12:00:00.000Z" });
const ending = record("ending.png", { expiresAt: "2026-10-20T12:00:00.501Z" });
const endingSoon = record("ending-soon.png", { expiresAt: "2026-10-20T12:01:00.499Z" });

const links: DownloadOptions["links"] = {
  async find(key) {
    const file = records.get(key);
    return file === undefined ? null : { file, epoch: file.linkEpoch };
  },
  /** No link is counted here; test/http/links has those. */
  spend: async () => false,
};

beforeAll(async () => {
  for (const file of records.values()) {
    if (file !== lost) await env.BUCKET.put(file.storageKey, file === empty ? new Uint8Array() : bytes);
  }
});

function serve(url: string, init: RequestInit = {}): Promise<Response> {
  return serveFile(new Request(url, init), {
    links,
    store: createR2Store(env.BUCKET),
    linkKey,
    now,
    place,
    asked: () => null,
  });
}

function get(file: FileRecord, headers: Record<string, string> = {}, method = "GET"): Promise<Response> {
  return serve(fileUrl(origin, file.storageKey), { headers, method });
}

async function getSigned(file: FileRecord, changes: Partial<LinkRequest> = {}, headers = {}): Promise<Response> {
  const request: LinkRequest = {
    base: origin,
    key: file.storageKey,
    method: "GET",
    expiresSeconds: 60,
    now,
    ...changes,
  };
  return serve(await signLink(linkKey, request), { method: request.method, headers });
}

async function refusal(response: Promise<Response>): Promise<Problem> {
  const outcome: unknown = await response.catch((error: unknown) => error);
  if (outcome instanceof Problem) return outcome;
  throw new Error("was not refused", { cause: outcome });
}

async function bodyOf(response: Response): Promise<Uint8Array> {
  return new Uint8Array(await response.arrayBuffer());
}

describe("a public file", () => {
  test("is sent with every header", async () => {
    const response = await get(open);
    expect(response.status).toBe(200);
    expect(Object.fromEntries(response.headers)).toEqual({
      "accept-ranges": "bytes",
      "cache-control": "public, max-age=31536000, immutable, no-transform",
      "content-disposition": "inline; filename=\"_bersicht 1.png\"; filename*=UTF-8''%C3%9Cbersicht%201.png",
      "content-length": "1000",
      "content-security-policy": "default-src 'none'; style-src 'unsafe-inline'; sandbox",
      "content-type": "image/png",
      "cross-origin-resource-policy": "cross-origin",
      etag,
      "last-modified": lastModified,
      "referrer-policy": "no-referrer",
    });
    expect(await bodyOf(response)).toEqual(bytes);
  });

  test("HEAD has the same headers and no body, whatever range it asks for", async () => {
    const whole = await get(open);
    const head = await get(open, { Range: "bytes=5-6" }, "HEAD");
    expect([head.status, [...head.headers]]).toEqual([200, [...whole.headers]]);
    expect(head.body).toBeNull();
    await bodyOf(whole);
  });

  test("under a name of any characters", async () => {
    const response = await get(odd);
    expect(await bodyOf(response)).toEqual(bytes);
    // However much of it is encoded.
    expect(await bodyOf(await serve(`${origin}/files/users/42/ä%20(1)+%25.svg`))).toEqual(bytes);
  });

  test("an empty one", async () => {
    for (const headers of [{}, { Range: "bytes=0-" }, { Range: "bytes=-5" }]) {
      const response = await get(empty, headers);
      expect([response.status, response.headers.get("Content-Length")]).toEqual([200, "0"]);
      expect(response.headers.get("Content-Type")).toBe("text/plain; charset=utf-8");
      expect(await bodyOf(response)).toHaveLength(0);
    }
  });

  test.each(["POST", "PUT", "DELETE"])("not with %s", async (method) => {
    const problem = await refusal(get(open, {}, method));
    expect([problem.code, problem.headers]).toEqual(["method_not_allowed", { Allow: "GET, HEAD, OPTIONS" }]);
  });
});

describe("who may read", () => {
  test("private, pending, deleted and missing files are one and the same", async () => {
    for (const method of ["GET", "HEAD"]) {
      for (const file of [secret, pending, deleted, missing, endedSecret]) {
        const problem = await refusal(get(file, {}, method));
        expect([problem.code, problem.detail, problem.members, problem.headers]).toEqual([
          "file_not_found",
          null,
          {},
          {},
        ]);
      }
    }
    expect((await refusal(serve(`${origin}/files/%2e%2e%2fx`))).code).toBe("file_not_found");
    expect((await refusal(serve(`${origin}/files/`))).code).toBe("file_not_found");
  });

  test("a link opens public and private files for its holder alone", async () => {
    for (const file of [open, secret]) {
      const response = await getSigned(file);
      expect(response.headers.get("Cache-Control")).toBe("private, no-store, no-transform");
      expect(await bodyOf(response)).toEqual(bytes);
      const head = await getSigned(file, { method: "HEAD" });
      expect([head.status, head.headers.get("Cache-Control")]).toEqual([200, "private, no-store, no-transform"]);
    }
  });

  test("but no pending, deleted or missing one", async () => {
    for (const file of [pending, deleted, missing]) {
      expect((await refusal(getSigned(file))).code).toBe("file_not_found");
    }
  });

  test("a bad link is refused alike whether the file exists, and although it is public", async () => {
    const find = () => Promise.reject(new Error("looked up"));
    const services = {
      links: { find, spend: find },
      store: createR2Store(env.BUCKET),
      linkKey,
      now,
      place,
      asked: () => null,
    };
    for (const file of [open, secret, deleted, missing]) {
      const url = `${fileUrl(origin, file.storageKey)}?X-Amz-Signature=0`;
      expect((await refusal(serveFile(new Request(url), services))).code).toBe("link_invalid");
      const before = new Date(now.getTime() - 3_600_000);
      const old = await signLink(linkKey, {
        base: origin,
        key: file.storageKey,
        method: "GET",
        expiresSeconds: 1,
        now: before,
      });
      expect((await refusal(serveFile(new Request(old), services))).code).toBe("link_expired");
    }
  });

  test("an expired file says so to who could have read it", async () => {
    expect((await refusal(get(ended))).code).toBe("file_expired");
    expect((await refusal(getSigned(ended))).code).toBe("file_expired");
    expect((await refusal(getSigned(endedSecret))).code).toBe("file_expired");
    expect((await refusal(get(endedSecret))).code).toBe("file_not_found");
  });

  test("no cache keeps a file past its end", async () => {
    const last = await get(ending, {}, "HEAD");
    expect(last.headers.get("Cache-Control")).toBe("public, max-age=0, immutable, no-transform");
    const soon = await get(endingSoon, {}, "HEAD");
    expect(soon.headers.get("Cache-Control")).toBe("public, max-age=59, immutable, no-transform");
  });
});

describe("when registry and store disagree", () => {
  test("a row without an object is no file, and the log hears of it", async () => {
    const problem = await refusal(get(lost));
    expect([problem.code, problem.message]).toEqual(["file_not_found", `file ${lost.id} has a row but no object`]);
  });

  test("a wrong size is our fault", async () => {
    const problem = await refusal(get(wrong));
    expect([problem.code, problem.message]).toEqual(["internal", `file ${wrong.id} has 1000 bytes, its row says 999`]);
  });
});

describe("ranges", () => {
  test.each([
    ["bytes=0-0", 0, 0],
    ["bytes=10-19", 10, 19],
    ["bytes=990-", 990, 999],
    ["bytes=-1", 999, 999],
    ["bytes=-5000", 0, 999],
    ["bytes=999-1000", 999, 999],
  ])("%s", async (range, first, last) => {
    for (const response of [await get(open, { Range: range }), await getSigned(secret, {}, { Range: range })]) {
      expect(response.status).toBe(206);
      expect(response.headers.get("Content-Range")).toBe(`bytes ${first}-${last}/1000`);
      expect(response.headers.get("Content-Length")).toBe(String(last - first + 1));
      expect(response.headers.get("ETag")).toBe(etag);
      expect(await bodyOf(response)).toEqual(bytes.slice(first, last + 1));
    }
  });

  test.each(["bytes=0-1,5-6", "bytes=9-1", "bytes=x", "lines=1-2"])("%s is the whole file", async (range) => {
    const response = await get(open, { Range: range });
    expect([response.status, response.headers.get("Content-Range")]).toEqual([200, null]);
    expect(await bodyOf(response)).toEqual(bytes);
  });

  test.each(["bytes=1000-", "bytes=-0"])("%s cannot be satisfied", async (range) => {
    const problem = await refusal(get(open, { Range: range }));
    expect([problem.code, problem.headers]).toEqual(["range_not_satisfiable", { "Content-Range": "bytes */1000" }]);
    expect((await refusal(get(secret, { Range: range }))).code).toBe("file_not_found");
  });

  test.each([
    [etag, 206],
    [lastModified, 206],
    [`W/${etag}`, 200],
    ['"other"', 200],
    ["Tue, 20 Oct 2026 10:00:01 GMT", 200],
  ])("If-Range: %s", async (ifRange, status) => {
    const response = await get(open, { Range: "bytes=0-0", "If-Range": ifRange });
    expect(response.status).toBe(status);
    await bodyOf(response);
    const behind = get(open, { Range: "bytes=1000-", "If-Range": ifRange });
    const outcome = status === 206 ? (await refusal(behind)).status : (await behind).status;
    expect(outcome).toBe(status === 206 ? 416 : 200);
    if (status === 200) await bodyOf(await behind);
  });
});

describe("a state that the client expects", () => {
  test.each<[Record<string, string>, number]>([
    [{ "If-Match": etag }, 200],
    [{ "If-Match": `W/${etag}` }, 412],
    [{ "If-Match": '"x"', "If-None-Match": etag }, 412],
    [{ "If-Match": '"x"', Range: "bytes=5000-" }, 412],
    [{ "If-Match": etag, "If-None-Match": etag }, 304],
    [{ "If-Unmodified-Since": lastModified, Range: "bytes=0-9" }, 206],
    [{ "If-Unmodified-Since": "Thu, 01 Jan 1970 00:00:00 GMT" }, 412],
  ])("%j is answered %i", async (headers, status) => {
    const answer = get(open, headers);
    if (status === 412) expect((await refusal(answer)).code).toBe("precondition_failed");
    else expect((await answer).status).toBe(status);
    await answer.then(bodyOf, () => undefined);
  });
});

describe("a copy the client has", () => {
  test.each([
    [{ "If-None-Match": etag }],
    [{ "If-None-Match": `"x", W/${etag}` }],
    [{ "If-None-Match": "*" }],
    [{ "If-Modified-Since": lastModified }],
    [{ "If-None-Match": etag, Range: "bytes=5000-" }],
  ])("%j is not sent again", async (headers) => {
    for (const method of ["GET", "HEAD"]) {
      const response = await get(open, headers, method);
      expect(response.status).toBe(304);
      expect(response.body).toBeNull();
      expect(Object.fromEntries(response.headers)).toEqual({
        "cache-control": "public, max-age=31536000, immutable, no-transform",
        etag,
        "last-modified": lastModified,
      });
    }
  });

  test("is sent when it differs", async () => {
    const response = await get(open, { "If-None-Match": '"x"', "If-Modified-Since": lastModified }, "HEAD");
    expect(response.status).toBe(200);
  });

  test("tells nothing of a file that may not be read", async () => {
    expect((await refusal(get(secret, { "If-None-Match": etag }))).code).toBe("file_not_found");
    expect((await refusal(get(ended, { "If-None-Match": "*" }))).code).toBe("file_expired");
  });
});

describe("what a browser makes of it", () => {
  test.each([
    ["image/png", "image/png", "inline"],
    ["video/mp4", "video/mp4", "inline"],
    ["audio/mpeg", "audio/mpeg", "inline"],
    ["text/plain", "text/plain; charset=utf-8", "inline"],
    ["text/html", "text/html; charset=utf-8", "attachment"],
    ["text/css", "application/octet-stream", "attachment"],
    ["text/javascript", "application/octet-stream", "attachment"],
    ["application/x-javascript", "application/octet-stream", "attachment"],
    ["application/wasm", "application/octet-stream", "attachment"],
    ["image/svg+xml", "image/svg+xml", "attachment"],
    ["application/xhtml+xml", "application/xhtml+xml", "attachment"],
    ["application/pdf", "application/pdf", "attachment"],
    ["application/octet-stream", "application/octet-stream", "attachment"],
  ])("of %s", async (fileType, contentType, kind) => {
    const file = record("typed.bin", { fileType, originalFileName: "a.b" });
    const plain = await get(file, {}, "HEAD");
    const asked = await getSigned(file, { method: "HEAD", disposition: "inline" });
    for (const response of [plain, asked]) {
      expect(response.headers.get("Content-Type")).toBe(contentType);
      expect(response.headers.get("Content-Disposition")).toBe(`${kind}; filename="a.b"`);
      expect(response.headers.get("Content-Security-Policy")).toContain("sandbox");
    }
  });

  test.each([
    ["attachment", 'attachment; filename="page.html"'],
    ["inline; filename=x.png", 'attachment; filename="x.png"'],
    [
      "attachment; filename*=UTF-8''%0D%0ASet-Cookie%3A%20a%3Db%22",
      "attachment; filename=\"Set-Cookie: a=b_\"; filename*=UTF-8''Set-Cookie%3A%20a%3Db%22",
    ],
  ])("a link asks for %s", async (disposition, header) => {
    const response = await getSigned(html, { method: "HEAD", disposition });
    expect(response.headers.get("Content-Disposition")).toBe(header);
  });

  test("a link may ask for a harmless type, never for one that runs", async () => {
    const plain = await getSigned(html, { method: "HEAD", type: "text/plain" });
    expect(plain.headers.get("Content-Type")).toBe("text/plain; charset=utf-8");
    expect(plain.headers.get("Content-Disposition")).toBe('inline; filename="page.html"');
    const opaque = await getSigned(open, { method: "HEAD", type: "application/octet-stream", disposition: "inline" });
    expect(opaque.headers.get("Content-Disposition")).toMatch(/^attachment/);
  });

  test.each([
    { "response-content-type": "text/html" },
    { "response-content-type": "image/svg+xml" },
    { "response-content-type": "text/plain; charset=utf-16" },
    { "response-content-type": "" },
    { "response-content-disposition": "inline; x=y" },
    { "response-content-disposition": "" },
  ])("%j is refused although rightly signed", async (extra) => {
    const link = { ...linkKey, region: "auto", method: "GET", host: "files.example", expires: "60", extra };
    for (const file of [html, missing]) {
      const path = await presign({ ...link, path: `/files/${file.storageKey}`, datetime: "20261020T120000Z" });
      expect((await refusal(serve(origin + path))).code).toBe("link_invalid");
    }
  });
});
