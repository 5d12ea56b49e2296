/** Files in the registry and the bucket, for links to open. */
import { env } from "cloudflare:workers";
import { createExecutionContext, waitOnExecutionContext } from "cloudflare:test";
import { createSluice } from "../../../../src/index.ts";
import { d1 } from "../../../../src/databases/d1.ts";
import { createFileRegistry } from "../../../../src/runtime/files/registry.ts";
import { createManagedLinks } from "../../../../src/runtime/links/managed.ts";
import { createLinkRegistry } from "../../../../src/runtime/links/registry.ts";
import { createLinkIssuer } from "../../../../src/runtime/links/issue.ts";
import type { LinkTarget, LinkTerms } from "../../../../src/runtime/links/link.ts";
import type { FileRecord } from "../../../../src/runtime/files/record.ts";
import { readObjectKey } from "../../../../src/runtime/storage/object-key.ts";
import { token } from "../../../support/app.ts";
import { buildOf } from "../../../support/build.ts";
import { linkKey } from "../../../support/secrets.ts";

export const origin = "https://uploads.example";
export const bytes = Uint8Array.from({ length: 1000 }, (_, at) => at % 251);

const database = d1.open({ text: () => "", binding: () => env.DB });
export const registry = { ...createLinkRegistry(database, d1.dialect), ...createManagedLinks(database, d1.dialect) };
const files = createFileRegistry(database, d1.dialect);

let made = 0;

/** A stored file with an object of `bytes`. */
export async function storeFile(change: Partial<FileRecord> = {}): Promise<FileRecord> {
  made += 1;
  const id = made.toString(16).padStart(24, "0");
  const storageKey = readObjectKey(`users/42/${id}.png`)!;
  const createdAt = new Date().toISOString();
  const reserving = files.reserving({
    id,
    owner: "42",
    storageKey,
    visibility: "private",
    endpoint: "test",
    originalFileName: "a.png",
    fileType: "image/png",
    extension: "png",
    fileApi: true,
    field: null,
    expiresAt: null,
    createdAt,
    ...change,
  });
  await database.batch([reserving]);
  const findings = {
    fileType: "image/png",
    fileSize: bytes.length,
    checksumSha256: "ab".repeat(32),
    dominantColor: null,
  };
  const { thumbnails = null } = change;
  await database.batch(
    files.storing(id, { ...findings, thumbhash: null, width: null, height: null, thumbnails }, createdAt),
  );
  await env.BUCKET.put(storageKey, bytes);
  return (await registry.find(storageKey))!.file;
}

/** Issues and records a link as the runtime does. */
export async function issue(file: LinkTarget, terms: Partial<LinkTerms> = {}, now = new Date()): Promise<string> {
  const request = { base: origin, linkKey, r2: null, now, requestId: "request", clientIp: null };
  const { url, recording } = await createLinkIssuer({ ...request, registry }).issue(file, {
    expiresSeconds: 60,
    ...terms,
  });
  await database.batch([recording]);
  return url;
}

const app = createSluice(buildOf([]));

/** Calls the runtime and reads the answer to its end. */
export async function open(
  url: string,
  headers: Record<string, string> = {},
  init: RequestInit = {},
): Promise<{ status: number; code: string | null; length: number; headers: Headers }> {
  const context = createExecutionContext();
  const response = await app.fetch(new Request(url, { headers, ...init }), env, context);
  const body = new Uint8Array(await response.arrayBuffer());
  await waitOnExecutionContext(context);
  const code = body.length === 0 || response.ok ? null : readCode(body);
  return { status: response.status, code, length: body.length, headers: response.headers };
}

function readCode(body: Uint8Array): string {
  const { code } = JSON.parse(new TextDecoder().decode(body)) as { code: string };
  return code;
}

/** Calls the file API as the caller. */
export async function callFileApi(
  path: string,
  caller: string,
  method = "GET",
  body?: unknown,
): Promise<{ status: number; data: never; code: string }> {
  const headers = { authorization: `Bearer ${await token({ id: caller })}`, "content-type": "application/json" };
  const context = createExecutionContext();
  const init = body === undefined ? { method, headers } : { method, headers, body: JSON.stringify(body) };
  const response = await app.fetch(new Request(new URL(`/v1/upload${path}`, origin), init), env, context);
  await waitOnExecutionContext(context);
  const answer = await response.json<{ data: never; code: string }>();
  return { status: response.status, data: answer.data, code: answer.code };
}
