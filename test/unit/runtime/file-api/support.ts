/** Calls the file API as two users, over bindings and settings of a test's choice. */
import { expect } from "vitest";
import { fileSchema, issuedLinkSchema, linkSchema } from "../../../../src/compiler/interface/openapi/file-api-paths.ts";
import type { Json } from "../../../../src/contract/plan.ts";
import type { ProblemCode } from "../../../../src/contract/problem.ts";
import {
  createCaller,
  formBody,
  MULTIPART,
  token,
  type Call,
  type FormPart,
  type TokenOptions,
} from "../../../support/app.ts";
import { deviations } from "../../../support/conforms.ts";
import { png } from "../../../support/pictures.ts";

export interface FileDocument {
  readonly _id: string;
  readonly name: string;
  readonly uploaded_by: string;
  readonly type: string;
  readonly size: string;
  readonly bucket: string;
  readonly url: string;
  readonly meta: Readonly<Record<string, Json>>;
  readonly status: boolean;
  readonly deletedAt: string | null;
  readonly createdAt: string;
  readonly updatedAt: string;
  readonly __v: number;
}

export interface ListPage {
  readonly count: number | null;
  readonly pages: number | null;
  readonly data: readonly FileDocument[];
  readonly nextCursor: string | null;
}

export const red: FormPart = { name: "file", fileName: "80:20 rule.png", type: "image/png", body: png([200, 30, 30]) };

export interface Init extends Omit<RequestInit, "headers"> {
  readonly headers?: Readonly<Record<string, string>>;
}

export interface User {
  readonly send: (path: string, init?: Init) => Promise<Response>;
  readonly upload: (parts?: readonly FormPart[], path?: string, headers?: Init["headers"]) => Promise<Response>;
}

/** A caller with the claim `id`. @param options of the token, where the deployment has a secret of its own */
export function user(id: string, call: Call = createCaller([]), options: TokenOptions = {}): User {
  const send: User["send"] = async (path, init = {}) => {
    const headers = { authorization: `Bearer ${await token({ id }, options)}`, ...init.headers };
    return call(path, { ...init, headers });
  };
  return {
    send,
    upload: (parts = [red], path = "/v1/upload", headers = {}) =>
      send(path, { method: "POST", headers: { ...MULTIPART, ...headers }, body: formBody(parts) }),
  };
}

/** The `data` of a success, whose envelope is as on the page. */
export async function dataOf<Data = FileDocument>(response: Response, message = "Success"): Promise<Data> {
  const body = await response.json<{ data: Data }>();
  expect(body, JSON.stringify(body)).toMatchObject({ status: "success", message });
  expect(Object.keys(body)).toEqual(["status", "message", "data"]);
  expect(response.status).toBe(200);
  expect(response.headers.get("content-type")).toBe("application/json");
  expect(response.headers.get("x-request-id")).toMatch(/^[0-9a-f-]{36}$/);
  for (const one of [body.data].flat()) expectDescribed(one as Json);
  return body.data;
}

/** Files and links are what the OpenAPI document says of them. */
function expectDescribed(data: Json): void {
  if (typeof data !== "object" || data === null || Array.isArray(data)) return;
  const has = (name: string) => Object.hasOwn(data, name);
  const listed = has("nextCursor") ? (data as unknown as ListPage).data : [];
  for (const file of has("_id") ? [data] : listed) expect(deviations(fileSchema, file as Json)).toEqual([]);
  if (!has("issued_at")) return;
  expect(deviations(has("url") ? issuedLinkSchema : linkSchema, data)).toEqual([]);
}

export const UPLOADED = "file Uploaded Successfully";

export const uploadedBy = async (someone: User, parts?: readonly FormPart[], path?: string): Promise<FileDocument> =>
  dataOf(await someone.upload(parts, path), UPLOADED);

export const listOf = async (someone: User, query = ""): Promise<ListPage> =>
  dataOf<ListPage>(await someone.send(`/v1/upload${query}`), "OK");

/** Asserts the form that every refusal of the file API has. */
export async function expectRefusal(
  response: Response,
  status: number,
  code: ProblemCode,
): Promise<Record<string, Json>> {
  const body = await response.json<Record<string, Json>>();
  expect(body, JSON.stringify(body)).toMatchObject({ status: "error", type: "about:blank", data: null, code });
  expect(response.status).toBe(status);
  expect(response.headers.get("content-type")).toBe("application/problem+json");
  expect(body["request_id"]).toBe(response.headers.get("x-request-id"));
  expect(body["message"]).toBe(body["detail"] ?? body["title"]);
  return body;
}

/** Every route that names a file. */
export const fileRoutes: readonly (readonly [string, (id: string) => string])[] = [
  ["GET", (id) => `/v1/upload/${id}`],
  ["GET", (id) => `/v1/upload/url/${id}`],
  ["GET", (id) => `/v1/upload/url/${id}?expires=60&disposition=attachment`],
  ["PATCH", (id) => `/v1/upload/${id}`],
  ["DELETE", (id) => `/v1/upload/${id}`],
  ["POST", (id) => `/v1/upload/${id}/restore`],
  ["GET", (id) => `/v1/upload/${id}/links`],
  ["POST", (id) => `/v1/upload/${id}/links`],
  ["DELETE", (id) => `/v1/upload/${id}/links`],
];

/** Status, headers and body, with the request id taken out. */
export async function wire(response: Response): Promise<string> {
  const id = response.headers.get("x-request-id") ?? "";
  return JSON.stringify([response.status, [...response.headers], await response.text()]).replaceAll(id, "…");
}
