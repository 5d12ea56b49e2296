/** The ways in by pieces: tus, with a file cut in two. */
import { CHUNK, metadataOf, VERSION } from "../../../support/tus.ts";
import { picture, type Door, type FileSet, type Target, type UploadDoor } from "./doors.ts";
import { identify, type Answer, type World } from "./world.ts";

export interface SentFile {
  readonly bytes: Uint8Array;
  readonly fileName: string;
  readonly type?: string | undefined;
}

/** Where files come in pieces; what it stores is answered as any upload's. */
export interface PiecesDoor extends UploadDoor {
  /** Of what it stores for a caller. */
  readonly keyOf: (caller: string) => RegExp;
}

const common = { method: "POST", body: () => ({ type: "", bytes: "" }), isRaw: false, maxFiles: 1 } as const;
const name = String.raw`[\w-]+\.[a-z0-9]{2,8}$`;

const abiPieces = (set: Exclude<FileSet, "strict">): PiecesDoor => ({
  ...common,
  name: "UPLOAD in pieces",
  tokenIn: "x-access-token",
  envelope: "abi",
  path: () => `/${set}/pieces`,
  isFileApi: false,
  isPrivate: false,
  keyOf: () => new RegExp(`^${set}/pieces/${name}`),
});

const fileApiPieces = (path: string, isPrivate: boolean): PiecesDoor => ({
  ...common,
  name: `file API in pieces, ${isPrivate ? "private" : "public"}`,
  tokenIn: "authorization",
  envelope: "file-api",
  path: () => path,
  isFileApi: true,
  isPrivate,
  keyOf: (caller) => new RegExp(`^${isPrivate ? "private" : "public"}/${caller}/${name}`),
});

export const piecesDoors = (set: Exclude<FileSet, "strict">): readonly PiecesDoor[] => [
  abiPieces(set),
  fileApiPieces("/v1/upload", false),
  fileApiPieces("/v1/upload/private", true),
];

export const pathOf = (answer: Answer): string => new URL(answer.headers.get("location") ?? "").pathname;

/** Creates an upload as a caller. */
export async function create(
  world: Pick<World, "ask">,
  door: UploadDoor,
  caller: string,
  { bytes, fileName, type }: SentFile,
  more: Readonly<Record<string, string>> = {},
): Promise<Answer> {
  const metadata = metadataOf({ filename: fileName, ...(type === undefined ? {} : { filetype: type }) });
  const headers = { ...VERSION, "upload-length": String(bytes.length), "upload-metadata": metadata };
  const proof = await identify(door.tokenIn, caller);
  return world.ask(door.path({} as never), { method: "POST", headers: { ...proof, ...headers, ...more } });
}

/** Sends bytes to the upload at this path, of this door. */
export async function append(
  world: Pick<World, "ask">,
  door: Pick<UploadDoor, "tokenIn">,
  caller: string,
  path: string,
  offset: number,
  bytes: Uint8Array,
): Promise<Answer> {
  const headers = { ...CHUNK, "upload-offset": String(offset), prefer: "return=representation" };
  const proof = await identify(door.tokenIn, caller);
  return world.ask(path, { method: "PATCH", headers: { ...proof, ...headers }, body: bytes.slice() });
}

/** The file in two pieces: the endpoint's answer, or the first refusal. */
export async function sendInPieces(
  world: Pick<World, "ask">,
  door: UploadDoor,
  caller: string,
  file: SentFile,
): Promise<Answer> {
  const created = await create(world, door, caller, file);
  if (created.status !== 201) return created;
  const middle = Math.ceil(file.bytes.length / 2);
  const first = await append(world, door, caller, pathOf(created), 0, file.bytes.subarray(0, middle));
  if (first.status !== 204) return first;
  return append(world, door, caller, pathOf(created), middle, file.bytes.subarray(middle));
}

const at = (tokenIn: "x-access-token" | "authorization", path: (target: Target) => string) => ({
  tokenIn,
  envelope: tokenIn === "authorization" ? ("file-api" as const) : ("abi" as const),
  path,
});

/** What tus asks for, where a token is asked for: creations, and an upload of Ann's that has got no byte. */
export const tusDoors: readonly Door[] = (
  [
    ["UPLOAD in pieces", at("x-access-token", () => "/narrow/pieces"), ({ abiUpload }: Target) => abiUpload],
    ["file API in pieces", at("authorization", () => "/v1/upload"), ({ fileApiUpload }: Target) => fileApiUpload],
  ] as const
).flatMap(([title, door, pathOfUpload]): Door[] => [
  { ...door, name: `${title}, creation`, method: "POST", headers: { ...VERSION, "upload-length": "10" } },
  ...["GET", "DELETE"].map((method) => ({
    ...door,
    name: `${title}, ${method}`,
    method,
    path: pathOfUpload,
    headers: VERSION,
  })),
  // Whose own answers have no body to look at.
  {
    ...door,
    name: `${title}, HEAD by POST`,
    method: "POST",
    path: pathOfUpload,
    headers: { ...VERSION, "x-http-method-override": "HEAD" },
  },
  {
    ...door,
    name: `${title}, PATCH`,
    method: "PATCH",
    path: pathOfUpload,
    headers: { ...CHUNK, "upload-offset": "0" },
    body: () => ({ type: CHUNK["content-type"], bytes: picture }),
  },
]);
