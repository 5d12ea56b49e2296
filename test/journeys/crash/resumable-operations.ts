/** What the crash run does with resumable uploads, and how a client goes on with those that were interrupted. */
import { createHash } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import { resumablePartBytes } from "../../../src/contract/limits.ts";
import { EXPIRY_PATH } from "./fault.ts";
import type { Operation, World } from "./operations.ts";
import { makePicture, sha256 } from "./picture.ts";

/** An upload whose creation was answered. */
export interface KnownUpload {
  readonly path: string;
  /** Makes its bytes differ from those of the others. */
  readonly number: number;
  /** Bytes that were acknowledged. */
  offset: number;
  /** `unsure`, `ending`: a PATCH, or the upload's removal, had no good answer. */
  state: "open" | "unsure" | "ending" | "over";
}

/** The first PATCH fills a part and more, the second brings the rest. */
const FIRST_BYTES = resumablePartBytes + 100_000;
const FILM_BYTES = FIRST_BYTES + 100_000;
const SMALL_BYTES = 3000;
/** Of a client that comes back: longer than a call that was killed keeps the end of its upload. */
const PATIENCE_MS = 60_000;

const film = makePicture(FILM_BYTES);
let films = 0;

function bytesOf(number: number): Uint8Array<ArrayBuffer> {
  const bytes = film.slice();
  new DataView(bytes.buffer).setUint32(32, number);
  return bytes;
}

const tus = { "tus-resumable": "1.0.0" };
const piece = { ...tus, "content-type": "application/offset+octet-stream", prefer: "return=representation" };

const pathOf = (headers: Headers) => new URL(headers.get("location") ?? "").pathname;

function noteStored({ files }: Pick<World, "files">, answer: unknown, bytes: Uint8Array): void {
  const [file] = (answer as { data: { storage_key: string }[] }).data;
  files.push({ key: file?.storage_key ?? "", from: "film", id: null, sha256: sha256(bytes), expectation: "stored" });
}

const create: Operation = {
  name: "tus: creation",
  prepare: ({ uploads, headers }) => ({
    path: "/film",
    init: { method: "POST", headers: { ...headers, ...tus, "upload-length": String(FILM_BYTES) } },
    succeeded: (_, answered) =>
      void uploads.push({ path: pathOf(answered), number: films++, offset: 0, state: "open" }),
    failed: () => undefined,
  }),
};

const sendFirst = (name: string, checksumOf: (bytes: Uint8Array) => Readonly<Record<string, string>>): Operation => ({
  name,
  needs: create,
  prepare({ uploads, headers }) {
    const upload = uploads.find(({ state, offset }) => state === "open" && offset === 0);
    if (upload === undefined) return null;
    const body = bytesOf(upload.number).subarray(0, FIRST_BYTES);
    return {
      path: upload.path,
      init: { method: "PATCH", headers: { ...headers, ...piece, "upload-offset": "0", ...checksumOf(body) }, body },
      succeeded: () => void (upload.offset = FIRST_BYTES),
      failed: () => void (upload.state = "unsure"),
    };
  },
});

const sendPart = sendFirst("tus: a PATCH over the end of a part", () => ({}));

/** Done to an upload that has a part, and bytes behind it. */
const done = (
  name: string,
  prepare: (upload: KnownUpload, world: World) => ReturnType<Operation["prepare"]>,
): Operation => ({
  name,
  needs: sendPart,
  prepare(world) {
    const upload = world.uploads.find(({ state, offset }) => state === "open" && offset === FIRST_BYTES);
    return upload === undefined ? null : prepare(upload, world);
  },
});

const sendRest = done("tus: the last PATCH, and the end", (upload, world) => {
  const bytes = bytesOf(upload.number);
  const headers = { ...world.headers, ...piece, "upload-offset": String(FIRST_BYTES) };
  return {
    path: upload.path,
    init: { method: "PATCH", headers, body: bytes.subarray(FIRST_BYTES) },
    succeeded(answer) {
      upload.state = "over";
      noteStored(world, answer, bytes);
    },
    failed: () => void (upload.state = "unsure"),
  };
});

const ending = (name: string, requestOf: (upload: KnownUpload, world: World) => { path: string; init: RequestInit }) =>
  done(name, (upload, world) => ({
    ...requestOf(upload, world),
    succeeded: () => void (upload.state = "over"),
    failed: () => void (upload.state = "ending"),
  }));

const createWhole: Operation = {
  name: "tus: a creation that brings the whole file",
  prepare(world) {
    const bytes = makePicture(SMALL_BYTES);
    const headers = { ...world.headers, ...piece, "upload-length": String(SMALL_BYTES) };
    return {
      path: "/film",
      init: { method: "POST", headers, body: bytes },
      succeeded: (answer) => noteStored(world, answer, bytes),
      failed: () => undefined,
    };
  },
};

export const resumableOperations: readonly Operation[] = [
  create,
  sendPart,
  sendFirst("tus: a PATCH with a checksum", (bytes) => ({
    "upload-checksum": `sha256 ${createHash("sha256").update(bytes).digest("base64")}`,
  })),
  sendRest,
  createWhole,
  ending("tus: DELETE", ({ path }, { headers }) => ({
    path,
    init: { method: "DELETE", headers: { ...headers, ...tus } },
  })),
  ending("tus: expiry", ({ path }) => ({
    path: EXPIRY_PATH + (path.split("/").pop() ?? ""),
    init: { method: "POST" },
  })),
];

/** As the client does when it comes back. Returns what it was promised and has not got. */
export async function goOn(origin: string, world: World, upload: KnownUpload): Promise<readonly string[]> {
  const { path, number, offset: acknowledged } = upload;
  const ask = (init: RequestInit) => fetch(origin + path, { ...init, signal: AbortSignal.timeout(PATIENCE_MS) });
  const wasEnding = upload.state === "ending";
  upload.state = "over";
  const head = await untilReady(() => ask({ method: "HEAD", headers: { ...world.headers, ...tus } }));
  const isGone = head.status === 404;
  if (wasEnding) {
    if (isGone) return [];
    const { status } = await ask({ method: "DELETE", headers: { ...world.headers, ...tus } });
    return status === 204 ? [] : [`${path} could not be ended: ${String(status)}`];
  }
  if (head.status !== 200) return [`lost: the upload ${path} answered ${String(head.status)}`];
  const offset = Number(head.headers.get("upload-offset"));
  if (offset < acknowledged) return [`lost: of ${path} are ${String(offset)} of ${String(acknowledged)} bytes left`];
  const bytes = bytesOf(number);
  const sent = await untilReady(() =>
    offset === FILM_BYTES
      ? ask({ headers: world.headers })
      : ask({
          method: "PATCH",
          headers: { ...world.headers, ...piece, "upload-offset": String(offset) },
          body: bytes.subarray(offset),
        }),
  );
  if (sent.status !== 200) return [`lost: ${path} ended with ${String(sent.status)} ${await sent.text()}`];
  noteStored(world, await sent.json(), bytes);
  return [];
}

/** Where another call may be at it still. */
async function untilReady(ask: () => Promise<Response>): Promise<Response> {
  const until = performance.now() + PATIENCE_MS;
  for (;;) {
    const response = await ask();
    const isLater = response.status === 423 || response.status === 503 || response.status === 409;
    if (!isLater || performance.now() > until) return response;
    await response.body?.cancel();
    await sleep(500);
  }
}
