/** What a defence looks like from outside: a refusal in full form, or a stored file that can do nothing. */
import { expect } from "vitest";
import { problems, type ProblemCode } from "../../../../src/contract/problem.ts";
import type { FileDocument } from "../../../unit/runtime/file-api/support.ts";
import type { Door, UploadDoor } from "./doors.ts";
import { identify, type Answer, type World } from "./world.ts";

/** A refusal with one of the codes, in the form that the door's clients read. */
export function expectRefused(
  { envelope }: Pick<Door, "envelope">,
  answer: Answer,
  ...codes: readonly ProblemCode[]
): void {
  const code = answer.json["code"] as ProblemCode;
  expect(codes, answer.text.slice(0, 400)).toContain(code);
  expect(answer.status).toBe(problems[code].status);
  expect(answer.headers.get("content-type")).toBe("application/problem+json");
  expect(answer.headers.get("cache-control")).toBe("no-store");
  expect(answer.headers.get("x-content-type-options")).toBe("nosniff");
  expect(answer.json).toMatchObject({ type: "about:blank", data: null, ...envelopes[envelope] });
  expect(answer.json["request_id"]).toBe(answer.headers.get("x-request-id"));
}

const envelopes = { abi: { success: false }, "file-api": { status: "error" } } as const;

/** A stored file, whichever door it came through. */
export interface StoredFile {
  readonly key: string;
  /** Of the file API; empty where an ABI answers none. */
  readonly id: string;
  readonly url: string;
  readonly type: string;
  /** The client's name, as it is kept. */
  readonly name: string;
  /** Opens it for its owner. */
  readonly readUrl: string;
  /** What was found in it. */
  readonly picture: { readonly width: number | null; readonly height: number | null; readonly color: string | null };
}

/** The file of a successful upload; an ABI's first. */
export async function readStoredFile(
  world: Pick<World, "ask">,
  door: UploadDoor,
  caller: string,
  answer: Answer,
): Promise<StoredFile> {
  expect(answer.status, answer.text.slice(0, 400)).toBeLessThan(300);
  const { data } = answer.json;
  if (!door.isFileApi) {
    const [row] = data as unknown as readonly [AbiFile];
    const {
      storage_key: key,
      url,
      file_type: type,
      original_file_name: name,
      width,
      height,
      dominant_color: color,
    } = row;
    return { key, id: "", url, type, name, readUrl: url, picture: { width, height, color } };
  }
  const { _id: id, name: key, url, type, meta } = data as unknown as FileDocument;
  const picture = {
    width: meta["width"],
    height: meta["height"],
    color: meta["dominantColor"],
  } as StoredFile["picture"];
  const file = { key, id, url, type, name: meta["originalName"] as string, picture };
  if (!door.isPrivate) return { ...file, readUrl: url };
  const link = await world.ask(`/v1/upload/url/${id}`, { headers: await identify(door.tokenIn, caller) });
  return { ...file, readUrl: link.json["data"] as string };
}

/** What the ABIs of build/compile-abis answer of a file. */
interface AbiFile {
  readonly storage_key: string;
  readonly url: string;
  readonly file_type: string;
  readonly original_file_name: string;
  readonly width: number | null;
  readonly height: number | null;
  readonly dominant_color: string | null;
}

/** Types that a browser may show in place: none of them can hold a script that it would run. */
const shown =
  /^(?:image\/(?:png|jpeg|gif|webp|avif)|(?:video|audio)\/(?:mp4|webm|ogg|mpeg|aac|wav|flac)|text\/plain; charset=utf-8)$/;
/** Types that a page could load as its own code. */
const loadable = /script|text\/css|wasm/;

/** Served so that nothing in it runs, whatever it is and however it was asked for. */
export function expectInert({ status, headers }: Answer): void {
  expect([200, 206]).toContain(status);
  expect(headers.get("x-content-type-options")).toBe("nosniff");
  expect(headers.get("content-security-policy")).toBe("default-src 'none'; style-src 'unsafe-inline'; sandbox");
  expect(headers.get("referrer-policy")).toBe("no-referrer");
  const type = headers.get("content-type") ?? "";
  const disposition = headers.get("content-disposition") ?? "";
  expect(type).not.toMatch(loadable);
  expect(disposition).toMatch(/^(?:inline|attachment)(?:; filename="[^"\r\n]*"(?:; filename\*=UTF-8''[\w.%~-]+)?)?$/);
  if (!shown.test(type)) expect(disposition).toMatch(/^attachment/);
}
