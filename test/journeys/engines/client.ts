/** Calls a runtime as its users would. Knows nothing of engines. */
import { SignJWT } from "jose";
import type { Picture } from "./pictures.ts";
import { JWT_SECRET_KEY } from "../../support/secrets.ts";

export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  /** JSON; the text where it is none. */
  readonly body: unknown;
}

export interface UploadOptions {
  readonly fields?: Readonly<Record<string, string>>;
  readonly headers?: Readonly<Record<string, string>>;
}

export interface User {
  readonly id: string;
  send(path: string, init?: RequestInit): Promise<Answer>;
  /** POSTs JSON. */
  post(path: string, body: unknown): Promise<Answer>;
  /** POSTs a form: the fields, then the pictures. */
  upload(path: string, pictures: readonly Picture[], options?: UploadOptions): Promise<Answer>;
}

/** A caller with the claim `id`. */
export async function createUser(origin: string, id: string): Promise<User> {
  const jwt = new SignJWT({ id }).setProtectedHeader({ alg: "HS256" }).setExpirationTime("2h");
  const token = await jwt.sign(new TextEncoder().encode(JWT_SECRET_KEY));
  const own = { "x-access-token": token, authorization: `Bearer ${token}` };
  const send: User["send"] = (path, init = {}) =>
    call(origin + path, { ...init, headers: { ...own, ...(init.headers as Record<string, string>) } });
  return {
    id,
    send,
    post: (path, body) =>
      send(path, { method: "POST", headers: { "content-type": "application/json" }, body: JSON.stringify(body) }),
    upload(path, pictures, { fields = {}, headers = {} } = {}) {
      const form = new FormData();
      for (const [name, value] of Object.entries(fields)) form.append(name, value);
      for (const { bytes } of pictures) form.append("file", new Blob([bytes], { type: "image/png" }), "a.png");
      return send(path, { method: "POST", headers, body: form });
    },
  };
}

/** Without a token. */
export async function call(address: string, init?: RequestInit): Promise<Answer> {
  const response = await fetch(address, init);
  const text = await response.text();
  return { status: response.status, headers: response.headers, body: parse(text) };
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return text;
  }
}

/** The `data` of a success. @throws Error with the whole answer when it is none */
// oxlint-disable-next-line typescript/no-unnecessary-type-parameters -- only the caller knows what its endpoint answers
export function dataOf<Data>({ status, body }: Answer): Data {
  if (status !== 200) throw new Error(`answered ${String(status)} ${JSON.stringify(body)}`);
  return (body as { data: Data }).data;
}

/** The `code` of a refusal; null for anything else. */
export function codeOf({ body }: Answer): string | null {
  return typeof body === "object" && body !== null && "code" in body ? String(body.code) : null;
}
