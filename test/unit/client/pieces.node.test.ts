/** `sluice/client/tus` against a server that answers as it is told: what is sent, and what each answer makes of an upload. */
import { createServer, type IncomingMessage } from "node:http";
import type { AddressInfo } from "node:net";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { createClient, type EndpointTable, type FileInput, type SluiceError } from "../../../src/client/client.ts";
import { resumableUploads, type ResumableCallOptions } from "../../../src/client/tus/tus.ts";
import { memoryStorage } from "../../support/node/memory-storage.ts";

interface Endpoints {
  readonly films: {
    readonly body: { readonly title?: string; readonly tags?: readonly string[]; readonly filename?: string };
    readonly files: readonly FileInput[];
    readonly resumable: true;
    readonly answer: { readonly id: string };
    readonly problem: "unauthorized";
  };
}

const endpoints: EndpointTable<Endpoints> = {
  films: {
    method: "POST",
    resource: "films",
    token: "Authorization",
    body: "form",
    files: { "*": { max: 1, bytes: 8, resumable: 100, types: ["*/*"] } },
  },
};

interface Seen {
  readonly asked: string;
  readonly headers: IncomingMessage["headers"];
  readonly body: string;
}
type Answer = readonly [asked: string, status: number, headers?: Record<string, string>, body?: unknown];

const UPLOAD = "/v1/uploads/films/u1";
const created: Answer = [
  "POST /films",
  201,
  { Location: `https://elsewhere.example${UPLOAD}`, "Upload-Expires": "Fri, 01 Jan 2100 00:00:00 GMT" },
];
const at = (offset: number): Record<string, string> => ({ "Upload-Offset": String(offset) });
const patched = (offset: number): Answer => [`PATCH ${UPLOAD}`, 204, at(offset)];
const stored = { success: true, message: "OK", data: { id: "film" } };
const problem = (code: string, status: number) => ({ code, status, title: `It is ${code}` });
const finished: Answer = [`PATCH ${UPLOAD}`, 200, at(10), stored];

let answers: Answer[] = [];
let seen: Seen[] = [];
let storage = memoryStorage();
const server = createServer((request, response) => {
  const parts: Buffer[] = [];
  request.on("data", (part: Buffer) => parts.push(part));
  request.on("end", () => {
    const { method = "", url = "", headers } = request;
    seen.push({ asked: `${method} ${url}`, headers, body: Buffer.concat(parts).toString() });
    const [, status, more = {}, body] = answers[seen.length - 1] ?? ["", 500];
    response.writeHead(status, more).end(body === undefined ? "" : JSON.stringify(body));
  });
});
let origin = "";

beforeAll(async () => {
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterAll(() => server.close());
beforeEach(() => {
  seen = [];
  storage = memoryStorage();
});

const film = () => new File(["0123456789"], "größe.mp4", { type: "video/mp4", lastModified: 1 });
const uploads = () =>
  resumableUploads(createClient(origin, { endpoints, storage, token: (isRefused) => (isRefused ? "fresh" : "old") }), {
    chunkBytes: 4,
  });
const kept = () => storage.kept.get("sluice-uploads") ?? "{}";

/** Sends the film, and expects that just these requests are made. */
async function send(given: readonly Answer[], options: ResumableCallOptions = {}, body = {}): Promise<unknown> {
  answers = [...given];
  const result = await uploads()
    .call("films", { files: [film()], body }, options)
    .catch((error: unknown) => (error as SluiceError).code);
  expect(seen.map(({ asked }) => asked)).toEqual(given.map(([asked]) => asked));
  return result;
}

describe("the key of a creation", () => {
  const keys = () =>
    seen.filter(({ asked }) => asked === "POST /films").map(({ headers }) => headers["idempotency-key"]);
  const failed: Answer = ["POST /films", 503, {}, problem("database_unavailable", 503)];

  test("is the same when it is asked for once more", async () => {
    expect(await send([failed, created, patched(4), patched(8), finished])).toEqual({ id: "film" });
    expect(keys()[0]).toMatch(/^\w+$/);
    expect(keys()).toEqual([keys()[0], keys()[0]]);
  });

  test("is another one for another upload", async () => {
    const gone: Answer = [`PATCH ${UPLOAD}`, 404, {}, problem("resource_not_found", 404)];
    expect(await send([created, gone, created, patched(4), patched(8), finished])).toEqual({ id: "film" });
    expect(new Set(keys()).size).toBe(2);
  });

  test("is left out where the token names nobody", async () => {
    const refused: Answer = ["POST /films", 422, {}, problem("idempotency_key_invalid", 422)];
    expect(await send([refused, created, patched(4), patched(8), finished])).toEqual({ id: "film" });
    expect(keys()).toEqual([expect.any(String), undefined]);
    seen = [];
    expect(await send([refused, refused])).toBe("idempotency_key_invalid");
  });
});

test("a creation with what the form would say, pieces, and the answer of the last one", async () => {
  const progress: number[] = [];
  const onProgress = ({ loaded, total }: { readonly loaded: number; readonly total: number }) => {
    expect(total).toBe(10);
    progress.push(loaded);
  };
  const body = { title: 'Süß, "quoted"', tags: ["a", "b"] };
  expect(await send([created, patched(4), patched(8), finished], { onProgress }, body)).toEqual({ id: "film" });
  const [creation, ...patches] = seen;
  const metadata = String(creation?.headers["upload-metadata"]).split(",");
  const decoded = metadata
    .map((entry) => entry.split(" "))
    .map(([name, value = ""]) => [name, Buffer.from(value, "base64").toString()]);
  expect(decoded).toEqual([
    ["filename", "größe.mp4"],
    ["filetype", "video/mp4"],
    ["field", "file"],
    ["title", body.title],
    ["tags", '["a","b"]'],
  ]);
  expect(creation?.headers).toMatchObject({
    "upload-length": "10",
    "tus-resumable": "1.0.0",
    authorization: "Bearer old",
  });
  expect(patches.map(({ body: text, headers }) => [text, headers["upload-offset"]])).toEqual([
    ["0123", "0"],
    ["4567", "4"],
    ["89", "8"],
  ]);
  for (const { headers } of patches) {
    expect(headers).toMatchObject({
      "content-type": "application/offset+octet-stream",
      prefer: "return=representation",
    });
  }
  expect(progress.at(-1)).toBe(10);
  expect(progress.toSorted((one, other) => one - other)).toEqual(progress);
  expect(kept()).toBe("{}");
});

test("an answer that did not come with the last piece is asked for", async () => {
  expect(await send([created, patched(4), patched(8), patched(10), [`GET ${UPLOAD}`, 200, {}, stored]])).toEqual({
    id: "film",
  });
});

test("background work: the job's id", async () => {
  answers = [
    created,
    patched(4),
    patched(8),
    [`PATCH ${UPLOAD}`, 202, at(10), { ...stored, data: null, job_id: "j1" }],
  ];
  expect(await uploads().send("films", { files: [film()] })).toMatchObject({ data: null, jobId: "j1" });
});

describe("an upload that is known", () => {
  /** Stops a first call behind its creation. */
  async function pause(): Promise<void> {
    const controller = new AbortController();
    answers = [created, [`PATCH ${UPLOAD}`, 500, {}, problem("internal", 500)]];
    await uploads()
      .call("films", { files: [film()] }, { signal: controller.signal })
      .catch(() => undefined);
    expect(kept()).toContain(UPLOAD);
    seen = [];
  }

  test("goes on where the server is", async () => {
    await pause();
    const incomplete: Answer = [
      `GET ${UPLOAD}`,
      202,
      {},
      { success: true, message: "Incomplete", data: null, offset: 7, length: 10 },
    ];
    expect(await send([incomplete, finished])).toEqual({ id: "film" });
    expect(seen[1]?.body).toBe("789");
  });

  test("is another one with another payload", async () => {
    await pause();
    expect(await send([created, patched(4), patched(8), finished], {}, { title: "x" })).toEqual({ id: "film" });
    expect(kept()).not.toContain("title");
  });

  test.each([404, 410])("begins again after %i, once", async (status) => {
    await pause();
    const gone = problem("resource_not_found", status);
    expect(await send([[`GET ${UPLOAD}`, status, {}, gone], created, [`PATCH ${UPLOAD}`, status, {}, gone]])).toBe(
      "resource_not_found",
    );
    expect(kept()).toBe("{}");
  });

  test("has ended: its answer, and nothing is sent", async () => {
    await pause();
    expect(await send([[`GET ${UPLOAD}`, 200, {}, stored]])).toEqual({ id: "film" });
  });
});

test("twice at once in one page: one upload, and its answer for both", async () => {
  answers = [created, patched(4), patched(8), finished, [`GET ${UPLOAD}`, 200, {}, stored]];
  const all = uploads();
  const both = await Promise.all([1, 2].map(() => all.call("films", { files: [film()] })));
  expect(both).toEqual([{ id: "film" }, { id: "film" }]);
  expect(seen).toHaveLength(5);
});

test("a Blob is the same as long as it is the same object", async () => {
  const all = uploads();
  const blob = new Blob(["0123456789"]);
  const failing: Answer = [`PATCH ${UPLOAD}`, 500, {}, problem("internal", 500)];
  answers = [created, failing, created, failing, [`GET ${UPLOAD}`, 200, {}, stored]];
  for (const file of [blob, new Blob(["9876543210"])]) {
    await expect(all.call("films", { files: [file] })).rejects.toThrow("internal");
  }
  expect(await all.call("films", { files: [blob] })).toEqual({ id: "film" });
  expect(seen.map(({ asked }) => asked)).toEqual(answers.map(([asked]) => asked));
});

test("discarded: what is known is ended, what is not there is no fault", async () => {
  const all = uploads();
  answers = [
    created,
    [`PATCH ${UPLOAD}`, 500, {}, problem("internal", 500)],
    [`DELETE ${UPLOAD}`, 404, {}, problem("resource_not_found", 404)],
  ];
  await expect(all.call("films", { files: [film()] })).rejects.toThrow("internal");
  await all.discard("films", { files: [film()] });
  await all.discard("films", { files: [film()] });
  expect(seen.map(({ asked }) => asked)).toEqual(answers.map(([asked]) => asked));
  expect(kept()).toBe("{}");
});

test("elsewhere than was thought: HEAD says where it goes on", async () => {
  const conflict: Answer = [`PATCH ${UPLOAD}`, 409, at(2), problem("offset_conflict", 409)];
  expect(await send([created, conflict, [`HEAD ${UPLOAD}`, 200, at(6)], finished])).toEqual({ id: "film" });
  expect(seen.at(-1)?.body).toBe("6789");
});

test("an end that has failed is waited for: 423, and then what GET says", async () => {
  const waits: number[] = [];
  const onRetry = (_: unknown, milliseconds: number) => waits.push(milliseconds);
  const busy: Answer = [`GET ${UPLOAD}`, 503, { "Retry-After": "1" }, problem("storage_unavailable", 503)];
  const cut: Answer = [`PATCH ${UPLOAD}`, 502];
  const locked: Answer = [`HEAD ${UPLOAD}`, 423, { ...at(10), "Retry-After": "5" }];
  expect(await send([created, cut, locked, busy, [`GET ${UPLOAD}`, 200, {}, stored]], { onRetry })).toEqual({
    id: "film",
  });
  expect(waits[1]).toBeGreaterThan(1000);
});

test("a refusal is the server's, and nothing is kept", async () => {
  const refusal: Answer = [`PATCH ${UPLOAD}`, 415, {}, problem("file_type_mismatch", 415)];
  expect(await send([created, refusal])).toBe("file_type_mismatch");
  expect(kept()).toBe("{}");
});

test("a refused token is asked for once more; refused again, the upload is kept", async () => {
  const refusal: Answer = [`PATCH ${UPLOAD}`, 401, {}, problem("unauthorized", 401)];
  const again: Answer = [`GET ${UPLOAD}`, 401, {}, problem("unauthorized", 401)];
  expect(await send([created, patched(4), refusal, [`HEAD ${UPLOAD}`, 401], again])).toBe("unauthorized");
  expect(seen.map(({ headers }) => headers.authorization)).toEqual(
    ["old", "old", "old", "fresh", "fresh"].map((text) => `Bearer ${text}`),
  );
  expect(kept()).toContain(UPLOAD);
});

test("as often as `retries` says, counted anew where bytes have come", async () => {
  const cut: Answer = [`PATCH ${UPLOAD}`, 502];
  const head = (offset: number): Answer => [`HEAD ${UPLOAD}`, 200, at(offset)];
  expect(await send([created, cut, head(1), cut, head(2), cut, head(2), cut], { retries: 1 })).toBe("bad_answer");
});

test("what no header can carry, and what no piece has", async () => {
  expect(await send([], {}, { filename: "mine" })).toBe("request_invalid");
  expect(await send([], { idempotencyKey: "k" } as ResumableCallOptions)).toBe("request_invalid");
});

test("an answer without an offset, or with one behind the end", async () => {
  expect(await send([created, [`PATCH ${UPLOAD}`, 204]])).toBe("bad_answer");
  seen = [];
  storage = memoryStorage();
  expect(await send([created, patched(11)])).toBe("bad_answer");
  seen = [];
  storage = memoryStorage();
  expect(await send([["POST /films", 201]])).toBe("bad_answer");
});

test("without it, the client says what takes a file that is too large for a form", async () => {
  const refusal = createClient(origin, { endpoints, token: "t" }).call("films", { files: [film()] });
  await expect(refusal).rejects.toThrow('"größe.mp4": file_too_large (8 without sluice/client/tus)');
  const tooLarge = uploads().call("films", { files: [new File(["x".repeat(101)], "a", { type: "" })] });
  await expect(tooLarge).rejects.toThrow('"a": file_too_large (100)');
  expect(seen).toEqual([]);
});

test("sizes are numbers", () => {
  const client = createClient(origin, { endpoints, token: "t" });
  expect(() => resumableUploads(client, { formBytes: Number.NaN })).toThrow(RangeError);
  for (const chunkBytes of [0, -1, Number.NaN])
    expect(() => resumableUploads(client, { chunkBytes })).toThrow(RangeError);
});
