/** Every way into the runtime, as data: what a right request to it looks like. Knows nothing of attacks. */
import { BOUNDARY, formBody, MULTIPART, type FormPart } from "../../../support/app.ts";
import { png } from "../../../support/pictures.ts";

/** The header that carries a door's token; null: it asks for none. */
export type TokenHeader = "x-access-token" | "authorization" | null;

/** What Ann owns. */
export interface Target {
  readonly publicId: string;
  readonly privateId: string;
  readonly deletedId: string;
  readonly jobId: string;
  /** Uploads in pieces of which none has come: of an ABI, and of the file API. */
  readonly abiUpload: string;
  readonly fileApiUpload: string;
  /** Of a file that an ABI stored. */
  readonly storageKey: string;
  /** Addresses with their host. */
  readonly publicUrl: string;
  readonly privateUrl: string;
  readonly abiUrl: string;
  readonly signedUrl: string;
  readonly abiSignedUrl: string;
}

export interface Body {
  readonly type: string;
  readonly bytes: Uint8Array<ArrayBuffer> | string;
}

/** What of a request is neither method nor address. */
export interface RawRequest {
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Uint8Array<ArrayBuffer>;
}

export interface Door {
  readonly name: string;
  readonly method: string;
  readonly tokenIn: TokenHeader;
  readonly envelope: "abi" | "file-api";
  readonly path: (target: Target) => string;
  /** What is sent; absent: nothing. */
  readonly body?: (target: Target) => Body;
  /** What every request there has, beside its token. */
  readonly headers?: Readonly<Record<string, string>>;
}

/** Which of the ABIs in build/compile-abis a world's uploads go to, and the file API's types that match them. */
export type FileSet = "narrow" | "wide" | "strict";

export interface UploadDoor extends Door {
  readonly body: (target: Target) => Body;
  readonly isFileApi: boolean;
  readonly isPrivate: boolean;
  /** Uploads beyond it are refused, in files. */
  readonly maxFiles: number;
  /** A file is the body itself; a form is taken as well. */
  readonly isRaw: boolean;
}

export const picture = png([200, 30, 30]);
export const pictureParts: readonly FormPart[] = [{ fileName: "red.png", type: "image/png", body: picture }];

const formOf = (parts: readonly FormPart[]): Body => ({
  type: MULTIPART["content-type"],
  bytes: formBody(parts),
});
const jsonOf = (value: unknown): Body => ({ type: "application/json", bytes: JSON.stringify(value) });

/** A form of fields, as a browser sends it. */
export const fieldsOf = (fields: Readonly<Record<string, string>>): Body =>
  formOf(Object.entries(fields).map(([name, body]) => ({ name, body })));

/** A file as a body of its own. A name that a header cannot carry as it is goes the other way (RFC 8187). */
export function rawOf({ name, fileName, type, body }: FormPart): RawRequest {
  const isPlain = /^[ -~]*$/.test(fileName ?? "");
  const written = isPlain ? `filename="${fileName ?? ""}"` : `filename*=UTF-8''${encodeURIComponent(fileName ?? "")}`;
  const kind = name === undefined ? "attachment" : `form-data; name="${encodeURIComponent(name)}"`;
  return {
    headers: {
      ...(type === undefined ? {} : { "content-type": type }),
      ...(fileName === undefined ? {} : { "content-disposition": `${kind}; ${written}` }),
    },
    body: new Uint8Array(typeof body === "string" ? new TextEncoder().encode(body) : body),
  };
}

export { BOUNDARY, formOf, jsonOf };

const abiUpload = (name: string, path: string, tokenIn: TokenHeader = "x-access-token"): UploadDoor => ({
  name,
  method: "POST",
  tokenIn,
  envelope: "abi",
  path: () => path,
  body: () => formOf(pictureParts),
  isFileApi: false,
  isPrivate: false,
  maxFiles: 2,
  isRaw: false,
});

const rawUpload = (name: string, path: string, method: string): UploadDoor => ({
  ...abiUpload(name, path),
  method,
  body: () => ({ type: "image/png", bytes: picture }),
  maxFiles: 1,
  isRaw: true,
});

const fileApiUpload = (name: string, path: string, isPrivate: boolean): UploadDoor => ({
  ...abiUpload(name, path, "authorization"),
  envelope: "file-api",
  isFileApi: true,
  isPrivate,
  maxFiles: 1,
});

export const abiUploadDoors = (set: FileSet): readonly UploadDoor[] => [
  abiUpload("UPLOAD, custom header", `/${set}/plain`),
  abiUpload("UPLOAD, bearer", `/${set}/bearer`, "authorization"),
  abiUpload("UPLOAD, open", `/${set}/open`, null),
  abiUpload("UPLOAD + QUERY", `/${set}/stored`),
  abiUpload("UPLOAD, QUERY in a job", `/${set}/job`),
  rawUpload("UPLOAD, raw, PUT", `/${set}/raw`, "PUT"),
  rawUpload("UPLOAD, raw, POST", `/${set}/raw`, "POST"),
];

export const uploadDoors = (set: FileSet): readonly UploadDoor[] => [
  ...abiUploadDoors(set),
  fileApiUpload("file API, public upload", "/v1/upload", false),
  fileApiUpload("file API, private upload", "/v1/upload/private", true),
];

const fileApi = (name: string, method: string, path: Door["path"], body?: NonNullable<Door["body"]>): Door => ({
  name: `file API, ${name}`,
  method,
  tokenIn: "authorization",
  envelope: "file-api",
  path,
  ...(body === undefined ? {} : { body }),
});

/** Routes of the file API that name a file, by its id. */
export const fileRoutes: readonly { readonly door: Door; readonly pathOf: (id: string) => string }[] = [
  { name: "details", method: "GET", pathOf: (id: string) => `/v1/upload/${id}` },
  { name: "link", method: "GET", pathOf: (id: string) => `/v1/upload/url/${id}` },
  { name: "rename", method: "PATCH", pathOf: (id: string) => `/v1/upload/${id}` },
  { name: "delete", method: "DELETE", pathOf: (id: string) => `/v1/upload/${id}` },
  { name: "restore", method: "POST", pathOf: (id: string) => `/v1/upload/${id}/restore` },
  { name: "list links", method: "GET", pathOf: (id: string) => `/v1/upload/${id}/links` },
  { name: "issue link", method: "POST", pathOf: (id: string) => `/v1/upload/${id}/links` },
  { name: "revoke links", method: "DELETE", pathOf: (id: string) => `/v1/upload/${id}/links` },
].map(({ name, method, pathOf }) => ({
  pathOf,
  door: fileApi(
    name,
    method,
    ({ privateId }) => pathOf(privateId),
    name === "issue link" ? () => jsonOf({ expires: 60 }) : undefined,
  ),
}));

export const listDoor = fileApi("list", "GET", () => "/v1/upload");
export const revokeOwnDoor = fileApi("revoke all links", "DELETE", () => "/v1/upload/links");

const reading = (name: string, path: string): Door => ({
  name,
  method: "GET",
  tokenIn: "x-access-token",
  envelope: "abi",
  path: () => path,
});
const abi = (name: string, path: string, body: NonNullable<Door["body"]>): Door => ({
  ...reading(name, path),
  method: "POST",
  body,
});

export const deleteDoor = abi("delete_files", "/delete", ({ storageKey }) => jsonOf([storageKey]));
const note = { key: "k", text: "t" };
export const queryDoors = {
  noteJson: abi("QUERY, JSON", "/note", () => jsonOf(note)),
  noteForm: abi("QUERY, multipart", "/note", () => fieldsOf(note)),
  find: abi("QUERY, read", "/find", () => jsonOf(note)),
  keepDocument: abi("QUERY, document", "/keep-document", () => jsonOf(note)),
  findDocument: abi("QUERY, find documents", "/find-document", () => jsonOf(note)),
  findByPath: reading("GET, a name in the path", "/notes/k"),
  findByQuery: reading("GET, query parameters", "/notes?key=k"),
} as const;

/** Its path names the folder. */
export const albumDoor: UploadDoor = abiUpload("UPLOAD, a name in the path", "/album/summer");

export const jobDoor: Door = {
  name: "/jobs/{id}",
  method: "GET",
  tokenIn: "x-access-token",
  envelope: "abi",
  path: ({ jobId }) => `/jobs/${jobId}`,
};

const openDoor = (name: string, path: Door["path"], method = "GET"): Door => ({
  name,
  method,
  tokenIn: null,
  envelope: "abi",
  path,
});

export const publicFileDoor = openDoor("/files/… public", ({ publicUrl }) => publicUrl);
export const signedFileDoor = openDoor("/files/… signed", ({ signedUrl }) => signedUrl);

/** Nobody needs to be known there. */
export const openDoors: readonly Door[] = [
  publicFileDoor,
  signedFileDoor,
  openDoor("/healthz", () => "/healthz"),
  openDoor("an unknown route", () => "/nothing/here"),
  openDoor("OPTIONS", () => "/narrow/plain", "OPTIONS"),
];

export const guardedDoors = (set: FileSet): readonly Door[] => [
  ...uploadDoors(set).filter(({ tokenIn }) => tokenIn !== null),
  listDoor,
  ...fileRoutes.map(({ door }) => door),
  revokeOwnDoor,
  deleteDoor,
  ...Object.values(queryDoors),
  jobDoor,
];

export const allDoors = (set: FileSet): readonly Door[] => [
  ...guardedDoors(set),
  ...uploadDoors(set).filter(({ tokenIn }) => tokenIn === null),
  ...openDoors,
];
