/** Every operation of the runtime, one after the other as docs/benchmarks.md lists them. */
import { SignJWT } from "jose";
import { encodePng } from "../png-encoder.ts";
import { JWT_SECRET_KEY } from "../secrets.ts";
import type { Call, Operation, Question } from "./operation.ts";

type Headers = Readonly<Record<string, string>>;

const SMALL_BYTES = 20_000;
const LARGE_BYTES = 18 * 1024 * 1024;
/** Enough for two pages. */
const LISTED_FILES = 21;
const PAGE = 20;

/** Nobody shares files, keys or jobs with an earlier operation. */
async function someone(): Promise<Headers> {
  const jwt = new SignJWT({ id: crypto.randomUUID() }).setProtectedHeader({ alg: "HS256" }).setExpirationTime("2h");
  const token = await jwt.sign(new TextEncoder().encode(JWT_SECRET_KEY));
  return { "x-access-token": token, authorization: `Bearer ${token}` };
}

/** A small picture, with bytes behind its end that make it as large as that. */
async function pictureOf(bytes: number): Promise<File> {
  const picture = await encodePng({ width: 64, height: 64, colorType: 2, depth: 8, pixel: (x, y) => [x, y, 200] });
  return new File([picture.slice(), new Uint8Array(bytes - picture.length)], "a.png", { type: "image/png" });
}

type Asked = Extract<Question, { kind: "request" }>;

const ask = (path: string, headers: Headers, change: Partial<Asked> = {}): Asked => ({
  kind: "request",
  path,
  method: "GET",
  headers,
  body: null,
  sendsFiles: false,
  status: 200,
  ...change,
});

function askJson(path: string, headers: Headers, value: unknown): Asked {
  const body = new TextEncoder().encode(JSON.stringify(value));
  const more = { "content-type": "application/json", "content-length": String(body.length) };
  return ask(path, { ...headers, ...more }, { method: "POST", body });
}

async function askUpload(path: string, headers: Headers, count = 1, bytes = SMALL_BYTES): Promise<Asked> {
  const form = new FormData();
  const picture = await pictureOf(bytes);
  for (let added = 0; added < count; added++) form.append("file", picture);
  const encoded = new Response(form);
  const body = new Uint8Array(await encoded.arrayBuffer());
  const more = {
    "content-type": encoded.headers.get("content-type") ?? "",
    "content-length": String(body.length),
  };
  return ask(path, { ...headers, ...more }, { method: "POST", body, sendsFiles: true });
}

/** Asks, and gives the answer's `data`. */
async function send<Data>(call: Call, { path, method, headers, body, status }: Asked): Promise<Data> {
  const response = await call(path, { method, headers, body: body?.slice() ?? null });
  if (response.status !== status) throw new Error(`${method} ${path} answered ${await response.text()}`);
  return (await response.json<{ data: Data }>()).data;
}

interface AbiFile {
  readonly storage_key: string;
  readonly url: string;
  readonly download_url: string;
}

async function uploadByAbi(call: Call, resource: string, headers: Headers, count = 1): Promise<readonly AbiFile[]> {
  return send(call, await askUpload(`/${resource}`, headers, count));
}

const pathOf = (url: string): string => url.slice(new URL(url).origin.length);

/** A file of the file API, and its owner. */
async function ownedFile(
  call: Call,
  route = "/v1/upload",
): Promise<{ readonly id: string; readonly headers: Headers }> {
  const headers = await someone();
  const { _id } = await send<{ _id: string }>(call, await askUpload(route, headers));
  return { id: _id, headers };
}

const SHARED = "/v1/upload";
const PRIVATE = "/v1/upload/private";

const fileCounts = [1, 2, 6, 12, 20];
const files = (count: number) => (count === 1 ? "1 file" : `${count} files`);

/** Every number of files: without and with a row for each, without a key, with one, and repeated under it. */
const uploads: readonly Operation[] = [
  ["upload-gallery", ""],
  ["upload-gallery-and-store", ", a row each"],
].flatMap(([resource = "", rows = ""]) =>
  fileCounts.flatMap((count): Operation[] => {
    const path = `/${resource}`;
    const name = `upload ${files(count)}${rows}`;
    const keyed = async () => askUpload(path, { ...(await someone()), "idempotency-key": "1" }, count);
    return [
      { name, prepare: async () => askUpload(path, await someone(), count) },
      { name: `${name}, with a key`, prepare: keyed },
      {
        name: `${name}, repeated`,
        async prepare(call) {
          const question = await keyed();
          await send(call, question);
          return question;
        },
      },
    ];
  }),
);

const otherUploads: readonly Operation[] = [
  {
    name: "upload 18 MiB",
    prepare: async () => askUpload("/upload-gallery", await someone(), 1, LARGE_BYTES),
  },
  {
    name: "upload a private file, answered with its link",
    prepare: async () => askUpload("/upload-avatar", await someone()),
  },
  {
    name: "replace a file",
    async prepare(call) {
      const question = await askUpload("/replace-avatar", await someone());
      await send(call, question);
      return question;
    },
  },
  {
    name: "upload 1 file with two thumbnails",
    prepare: async () => askUpload("/upload-shown", await someone()),
  },
  {
    name: "upload 18 MiB with two thumbnails",
    prepare: async () => askUpload("/upload-shown", await someone(), 1, LARGE_BYTES),
  },
  { name: "file API: upload", prepare: async () => askUpload(SHARED, await someone()) },
];

/** Not the first of their callers: the row of the quota is there. */
const counted: readonly Operation[] = [
  ...[
    [1, SMALL_BYTES, files(1)],
    [2, SMALL_BYTES, files(2)],
    [1, LARGE_BYTES, "18 MiB"],
  ].map(([count, bytes, what]): Operation => ({
    name: `upload ${String(what)} of a quota`,
    async prepare(call) {
      const headers = await someone();
      await uploadByAbi(call, "counted", headers);
      return askUpload("/counted", headers, Number(count), Number(bytes));
    },
  })),
  {
    name: "upload 1 file, the quota is used up",
    async prepare(call) {
      const headers = await someone();
      const question = await askUpload("/counted-out", headers);
      await send(call, question);
      return { ...question, status: 413 };
    },
  },
  {
    name: "delete 1 file of a quota",
    async prepare(call) {
      const headers = await someone();
      const [file] = await uploadByAbi(call, "counted", headers);
      return askJson("/delete-gallery-files", headers, [file?.storage_key]);
    },
  },
];

const links: readonly Operation[] = [
  {
    name: "file API: signed link",
    async prepare(call) {
      const { id, headers } = await ownedFile(call, PRIVATE);
      return ask(`/v1/upload/url/${id}`, headers);
    },
  },
  {
    name: "file API: link with limits",
    async prepare(call) {
      const { id, headers } = await ownedFile(call, PRIVATE);
      return askJson(`/v1/upload/${id}/links`, headers, { expires: 60, max_downloads: 3 });
    },
  },
];

/** The path of a public file. */
async function publicPath(call: Call): Promise<string> {
  const [file] = await uploadByAbi(call, "upload-gallery", await someone());
  return pathOf(file?.url ?? "");
}

const downloads: readonly Operation[] = [
  { name: "download a public file", prepare: async (call) => ask(await publicPath(call), {}) },
  {
    name: "download through a signed link",
    async prepare(call) {
      const [file] = await uploadByAbi(call, "upload-avatar", await someone());
      return ask(pathOf(file?.download_url ?? ""), {});
    },
  },
  {
    name: "download through a counted link",
    async prepare(call) {
      const { id, headers } = await ownedFile(call, PRIVATE);
      const { url } = await send<{ url: string }>(
        call,
        askJson(`/v1/upload/${id}/links`, headers, { expires: 60, max_downloads: 3 }),
      );
      return ask(pathOf(url), {});
    },
  },
  {
    name: "download a range of a public file",
    prepare: async (call) => ask(await publicPath(call), { range: "bytes=0-99" }, { status: 206 }),
  },
  { name: "HEAD of a public file", prepare: async (call) => ask(await publicPath(call), {}, { method: "HEAD" }) },
  {
    name: "304 of a public file",
    async prepare(call) {
      const path = await publicPath(call);
      const etag = (await call(path, { method: "HEAD" })).headers.get("etag") ?? "";
      return ask(path, { "if-none-match": etag }, { status: 304 });
    },
  },
];

const deletions: readonly Operation[] = [
  ...[1, 5].map((count): Operation => ({
    name: `delete ${files(count)}`,
    async prepare(call) {
      const headers = await someone();
      const stored = await uploadByAbi(call, "upload-gallery", headers, count);
      return askJson(
        "/delete-gallery-files",
        headers,
        stored.map((file) => file.storage_key),
      );
    },
  })),
  {
    name: "delete a row with its file",
    async prepare(call) {
      const headers = await someone();
      const [file] = await uploadByAbi(call, "upload-gallery-and-store", headers);
      return askJson("/drop", headers, { key: file?.storage_key });
    },
  },
  {
    name: "file API: delete",
    async prepare(call) {
      const { id, headers } = await ownedFile(call);
      return ask(`/v1/upload/${id}`, headers, { method: "DELETE" });
    },
  },
  {
    name: "file API: restore",
    async prepare(call) {
      const { id, headers } = await ownedFile(call);
      await send(call, ask(`/v1/upload/${id}`, headers, { method: "DELETE" }));
      return ask(`/v1/upload/${id}/restore`, headers, { method: "POST" });
    },
  },
];

/** The owner of enough files for two pages. */
async function collector(call: Call): Promise<Headers> {
  const headers = await someone();
  await uploadByAbi(call, "upload-gallery", headers, PAGE);
  await uploadByAbi(call, "upload-gallery", headers, LISTED_FILES - PAGE);
  return headers;
}

const reads: readonly Operation[] = [
  {
    name: `file API: first ${PAGE} of ${LISTED_FILES} files, by cursor`,
    prepare: async (call) => ask(`/v1/upload?cursor=&limit=${PAGE}`, await collector(call)),
  },
  {
    name: `file API: first ${PAGE} of ${LISTED_FILES} files, by page`,
    prepare: async (call) => ask(`/v1/upload?page=1&limit=${PAGE}`, await collector(call)),
  },
  {
    name: "file API: details",
    async prepare(call) {
      const { id, headers } = await ownedFile(call);
      return ask(`/v1/upload/${id}`, headers);
    },
  },
  {
    name: "read rows",
    async prepare(call) {
      const headers = await someone();
      await uploadByAbi(call, "upload-gallery-and-store", headers, 2);
      return ask("/my-gallery", headers, { method: "POST" });
    },
  },
  { name: "write a row", prepare: async () => ask("/write", await someone(), { method: "POST" }) },
];

const jobs: readonly Operation[] = [
  {
    name: "upload 1 file, a job writes its row: the call",
    prepare: async () => ({ ...(await askUpload("/store-later", await someone())), status: 202 }),
  },
  {
    name: "upload 1 file, a job writes its row: the job",
    async prepare(call) {
      const { path, method, headers, body } = await askUpload("/store-later", await someone());
      const response = await call(path, { method, headers, body: body?.slice() ?? null });
      const { job_id } = await response.json<{ job_id: string }>();
      return { kind: "jobs", ids: [job_id] };
    },
  },
];

export const operations: readonly Operation[] = [
  ...uploads,
  ...otherUploads,
  ...counted,
  ...links,
  ...downloads,
  ...deletions,
  ...reads,
  ...jobs,
];
