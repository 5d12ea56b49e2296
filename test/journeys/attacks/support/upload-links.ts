/** The ways in by an upload link, as data: how one is had, and how a file goes through it. */
import { expect } from "vitest";
import type { Json } from "../../../../src/contract/plan.ts";
import { formBody, MULTIPART, type FormPart } from "../../../support/app.ts";
import { CHUNK, metadataOf, VERSION } from "../../../support/tus.ts";
import { picture, rawOf } from "./doors.ts";
import { identify, type Answer, type World } from "./world.ts";

export interface LinkedFile {
  readonly bytes: Uint8Array<ArrayBuffer>;
  readonly fileName?: string;
  readonly type?: string;
  /** Text fields, where the door has any. */
  readonly texts?: Readonly<Record<string, string>>;
}

type Asking = Pick<World, "ask">;
type Headers = Readonly<Record<string, string>>;

export interface LinkDoor {
  readonly name: string;
  readonly envelope: "abi";
  readonly method: "PUT" | "POST";
  readonly hasTexts: boolean;
  /** Sends files to an address as somebody who has no token: the endpoint's answer, or the first refusal. */
  readonly send: (world: Asking, address: string, files: readonly LinkedFile[], headers?: Headers) => Promise<Answer>;
}

const partOf = ({ bytes, fileName = "a.png", type = "image/png" }: LinkedFile): FormPart => ({
  fileName,
  type,
  body: bytes,
});

const raw = (name: string, method: LinkDoor["method"]): LinkDoor => ({
  name,
  envelope: "abi",
  method,
  hasTexts: false,
  send(world, address, [file = right], headers = {}) {
    const { headers: own, body } = rawOf(partOf(file));
    return world.ask(address, { method, headers: { ...own, ...headers }, body });
  },
});

const form: LinkDoor = {
  name: "link, form",
  envelope: "abi",
  method: "POST",
  hasTexts: true,
  send(world, address, files, headers = {}) {
    const texts = Object.entries(files[0]?.texts ?? {}).map(([name, body]) => ({ name, body }));
    const body = formBody([...texts, ...files.map(partOf)]);
    return world.ask(address, { method: "POST", headers: { ...MULTIPART, ...headers }, body });
  },
};

/** Creates an upload, whose address is then in `Location`. */
export function createByLink(
  world: Asking,
  address: string,
  { bytes, fileName = "a.png", type = "image/png", texts = {} }: LinkedFile,
  headers: Headers = {},
): Promise<Answer> {
  const metadata = metadataOf({ filename: fileName, filetype: type, ...texts });
  const own = { ...VERSION, "upload-length": String(bytes.length), "upload-metadata": metadata };
  return world.ask(address, { method: "POST", headers: { ...own, ...headers } });
}

/** Path and query of what was created. */
export function createdAddress(answer: Answer): string {
  const { pathname, search } = new URL(answer.headers.get("location") ?? "");
  return pathname + search;
}

export const appendByLink = (
  world: Asking,
  address: string,
  offset: number,
  bytes: Uint8Array,
  headers: Headers = {},
): Promise<Answer> =>
  world.ask(address, {
    method: "PATCH",
    headers: { ...CHUNK, "upload-offset": String(offset), prefer: "return=representation", ...headers },
    body: bytes.slice(),
  });

export const inPieces: LinkDoor = {
  name: "link, in pieces",
  envelope: "abi",
  method: "POST",
  hasTexts: true,
  async send(world, address, [file = right], headers = {}) {
    const created = await createByLink(world, address, file, headers);
    if (created.status !== 201) return created;
    const middle = Math.ceil(file.bytes.length / 2);
    const own = createdAddress(created);
    const first = await appendByLink(world, own, 0, file.bytes.subarray(0, middle), headers);
    if (first.status !== 204) return first;
    return appendByLink(world, own, middle, file.bytes.subarray(middle), headers);
  },
};

export const linkDoors: readonly LinkDoor[] = [raw("link, PUT", "PUT"), raw("link, POST", "POST"), form, inPieces];

/** A file that every door takes. */
export const right: LinkedFile = { bytes: new Uint8Array(picture) };

export const LINKED = "/linked/summer";

export interface IssuedLink {
  readonly id: string;
  /** Path and query: what the holder calls. */
  readonly address: string;
  readonly document: Readonly<Record<string, Json>>;
}

/** What is asked for beside the address. */
export type Terms = Readonly<Record<string, Json>>;

/** Asks for a link as a caller. */
export async function askForLink(world: Asking, caller: string, terms: Terms, resource = LINKED): Promise<Answer> {
  const [path, query] = resource.split("?");
  return world.ask(`${path ?? ""}/links${query === undefined ? "" : `?${query}`}`, {
    method: "POST",
    headers: { "content-type": "application/json", ...(await identify("x-access-token", caller)) },
    body: JSON.stringify(terms),
  });
}

export async function issue(
  world: Asking,
  door: Pick<LinkDoor, "method">,
  caller: string,
  terms: Terms = {},
  resource = LINKED,
): Promise<IssuedLink> {
  const answer = await askForLink(world, caller, { method: door.method, ...terms }, resource);
  expect(answer.status, answer.text).toBe(200);
  const document = answer.json["data"] as IssuedLink["document"];
  const { pathname, search } = new URL(document["url"] as string);
  return { id: document["id"] as string, address: pathname + search, document };
}

/** What lists say of a link. */
export async function lookUp(world: Asking, caller: string, id: string, resource = LINKED): Promise<Terms> {
  const answer = await world.ask(`${resource}/links`, { headers: await identify("x-access-token", caller) });
  const found = (answer.json["data"] as readonly Terms[]).find((link) => link["id"] === id);
  return found ?? {};
}
