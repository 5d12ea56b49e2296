/** The way in by pieces: tus, with a file cut in two. */
import { CHUNK, metadataOf, VERSION } from "../../../support/tus.ts";
import type { FileSet, UploadDoor } from "./doors.ts";
import { identify, type Answer, type World } from "./world.ts";

export interface SentFile {
  readonly bytes: Uint8Array;
  readonly fileName: string;
  readonly type?: string | undefined;
}

/** Where files come in pieces; what it stores is answered as any endpoint's. */
export const piecesDoor = (set: Exclude<FileSet, "strict">): UploadDoor => ({
  name: "UPLOAD in pieces",
  method: "POST",
  tokenIn: "x-access-token",
  envelope: "abi",
  path: () => `/${set}/pieces`,
  body: () => ({ type: "", bytes: "" }),
  isRaw: false,
  isFileApi: false,
  isPrivate: false,
  maxFiles: 1,
});

const pathOf = (answer: Answer): string => new URL(answer.headers.get("location") ?? "").pathname;

/** Creates an upload as a caller. */
export async function create(
  world: Pick<World, "ask">,
  door: UploadDoor,
  caller: string,
  { bytes, fileName, type }: SentFile,
  more: Readonly<Record<string, string>> = {},
): Promise<Answer> {
  const metadata = metadataOf({ filename: fileName, ...(type === undefined ? {} : { filetype: type }), ...more });
  const headers = { ...VERSION, "upload-length": String(bytes.length), "upload-metadata": metadata };
  const proof = await identify(door.tokenIn, caller);
  return world.ask(door.path({} as never), { method: "POST", headers: { ...proof, ...headers } });
}

/** Sends bytes to the upload at this path. */
export async function append(
  world: Pick<World, "ask">,
  caller: string,
  path: string,
  offset: number,
  bytes: Uint8Array,
): Promise<Answer> {
  const headers = { ...CHUNK, "upload-offset": String(offset), prefer: "return=representation" };
  const proof = await identify("x-access-token", caller);
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
  const first = await append(world, caller, pathOf(created), 0, file.bytes.subarray(0, middle));
  if (first.status !== 204) return first;
  return append(world, caller, pathOf(created), middle, file.bytes.subarray(middle));
}

export { pathOf };
