/** Calls the runtime as a client would, in the same isolate. */
import { createExecutionContext, waitOnExecutionContext } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { CompactSign, SignJWT, type JWTPayload } from "jose";
import { expect } from "vitest";
import {
  issuedUploadLinkSchema,
  revokedLinkSchema,
  revokedSchema,
  uploadLinkSchema,
} from "../../src/compiler/interface/openapi/link-paths.ts";
import { jobSchema } from "../../src/compiler/interface/openapi/own-paths.ts";
import { linkProblemsOf, problemsOf, uploadProblemsOf } from "../../src/compiler/interface/problems.ts";
import { fitsResource, isJobId, jobsPath, resumablePath } from "../../src/contract/routes.ts";
import { createSluice } from "../../src/index.ts";
import type { Hooks } from "../../src/runtime/hooks.ts";
import type { Build } from "../../src/runtime/build.ts";
import { canBeCalled, type Json, type Plan } from "../../src/contract/plan.ts";
import type { ProblemCode } from "../../src/contract/problem.ts";
import { buildOf } from "./build.ts";
import { deviations, type DescribedPlan } from "./conforms.ts";

export const ORIGIN = "https://uploads.example";

export type Call = (path: string, init?: RequestInit) => Promise<Response>;

/** An app of these plans, over the test's bindings or faulty ones. */
export function createCaller(plans: readonly Plan[], bindings: Partial<Record<string, unknown>> = {}): Call {
  return callerOf(buildOf(plans), bindings);
}

/** The same for any build. */
export function callerOf(build: Build, bindings: Partial<Record<string, unknown>> = {}, hooks: Hooks = {}): Call {
  const app = createSluice(build, hooks);
  return async (path, init) => {
    const context = createExecutionContext();
    const response = await app.fetch(new Request(new URL(path, ORIGIN), init), { ...env, ...bindings } as Env, context);
    await waitOnExecutionContext(context);
    await expectDescribed(response, new URL(path, ORIGIN).pathname.slice(1), build.plans);
    return response;
  };
}

/** Whatever a test is about: an endpoint's description names every problem that it answers, and says what its data are. */
async function expectDescribed(response: Response, path: string, plans: readonly DescribedPlan[]): Promise<void> {
  if (isJobAddress(`/${path}`)) return expectJob(response);
  if (`/${path}`.startsWith(`${resumablePath}/`)) return expectUpload(response, path, plans);
  const fits = ({ id, resource }: Plan, at = path) => at === id || fitsResource(resource.split("/"), at.split("/"));
  const linked = plans.find((plan) => givesLinks(plan) && fits(plan, path.replace(/\/links(?:\/[^/]+)?$/, "")));
  if (linked !== undefined && /\/links(?:\/[^/]+)?$/.test(path)) return expectLinks(response, linked);
  const called = plans.filter((plan) => canBeCalled(plan) && fits(plan));
  const text = await response.clone().text();
  if (called.length === 0 || text === "") return;
  if (response.headers.get("content-type") !== "application/problem+json") return expectAnswer(text, called);
  const { code } = JSON.parse(text) as { readonly code: ProblemCode };
  // Of the runtime's own addresses, whatever resource would fit.
  if (code === "job_not_found") return;
  expect(called.flatMap((plan) => [plan.id, ...problemsOf(plan)])).toContain(code);
}

/** Whatever endpoints there are beside it, also where characters of it are escaped or a slash stands behind it. */
function isJobAddress(path: string): boolean {
  const [id = "", end = "", ...more] = path.replace(`${jobsPath}/`, "").split("/");
  return end === "" && more.length === 0 && isJobId(id.replaceAll(/%[0-7][\da-f]/gi, decodeURIComponent));
}

/** What the address of a resumable upload answers: problems of its own, else what its endpoint does. */
async function expectUpload(response: Response, path: string, plans: readonly DescribedPlan[]): Promise<void> {
  const text = await response.clone().text();
  const plan = plans.find(({ id }) => `/${path}`.startsWith(`${resumablePath}/${id}/`));
  if (plan === undefined || text === "") return;
  const isProblem = response.headers.get("content-type") === "application/problem+json";
  const { code, message } = JSON.parse(text) as { readonly code?: ProblemCode; readonly message?: string };
  if (isProblem) return expect([plan.id, ...uploadProblemsOf(plan)]).toContain(code);
  // What is not whole has no answer yet.
  if (response.status !== 202 || message !== "Incomplete") expectAnswer(text, [plan]);
}

const givesLinks = ({ steps }: Plan) => steps.some((step) => step.mode === "upload" && step.links !== undefined);

const answeredToOne = { anyOf: [issuedUploadLinkSchema, revokedSchema, revokedLinkSchema] };

/** What the addresses of an endpoint's upload links answer. */
async function expectLinks(response: Response, plan: Plan): Promise<void> {
  const text = await response.clone().text();
  if (text === "") return;
  const { code, data = null } = JSON.parse(text) as { readonly code?: ProblemCode; readonly data?: Json };
  if (code !== undefined) return expect([plan.id, ...linkProblemsOf(plan)]).toContain(code);
  const all = (Array.isArray(data) ? data : [data]) as readonly Json[];
  const known = Array.isArray(data) ? uploadLinkSchema : answeredToOne;
  expect(all.flatMap((link) => deviations(known, link))).toEqual([]);
}

async function expectJob(response: Response): Promise<void> {
  if (response.status !== 200) return;
  const text = await response.clone().text();
  if (text !== "") expect(deviations(jobSchema, (JSON.parse(text) as { readonly data: Json }).data)).toEqual([]);
}

/** By one of them: endpoints of several methods may share the address. */
function expectAnswer(text: string, called: readonly DescribedPlan[]): void {
  const described = called.flatMap((plan) => plan.described ?? []);
  const { data } = JSON.parse(text) as { readonly data?: Json };
  if (described.length === 0 || data === undefined) return;
  const found = described.map((schema) => deviations(schema, data));
  if (!found.some((one) => one.length === 0)) expect(found).toEqual([]);
}

export interface TokenOptions {
  readonly algorithm?: string;
  readonly secret?: string;
  /** Seconds from now; null: none. */
  readonly expires?: number | null;
}

export function token(claims: JWTPayload, options: TokenOptions = {}): Promise<string> {
  const { algorithm = "HS256", secret = env.JWT_SECRET_KEY, expires = 600 } = options;
  const jwt = new SignJWT(claims).setProtectedHeader({ alg: algorithm });
  if (expires !== null) jwt.setExpirationTime(Math.floor(Date.now() / 1000) + expires);
  return jwt.sign(new TextEncoder().encode(secret));
}

/** A token whose payload is this text, letter for letter: what JSON.stringify would never write. */
export function tokenOf(payload: string | Uint8Array): Promise<string> {
  const bytes = typeof payload === "string" ? new TextEncoder().encode(payload) : payload;
  return new CompactSign(bytes).setProtectedHeader({ alg: "HS256" }).sign(new TextEncoder().encode(env.JWT_SECRET_KEY));
}

/** The headers of a caller with the claim `id`. */
export async function as(id: string, more: Record<string, string> = {}): Promise<Record<string, string>> {
  return { "x-access-token": await token({ id }), ...more };
}

export interface FormPart {
  readonly name?: string;
  readonly fileName?: string;
  readonly type?: string;
  readonly body: Uint8Array | string;
}

export const BOUNDARY = "----sluice-test-boundary";
export const MULTIPART = { "content-type": `multipart/form-data; boundary=${BOUNDARY}` };

/** A body as a browser writes it, so that tests can also write what no browser would. */
export function formBody(parts: readonly FormPart[]): Uint8Array<ArrayBuffer> {
  const encoder = new TextEncoder();
  const pieces = parts.flatMap(({ name = "file", fileName, type, body }) => [
    encoder.encode(
      `--${BOUNDARY}\r\nContent-Disposition: form-data; name="${name}"` +
        (fileName === undefined ? "" : `; filename="${fileName}"`) +
        (type === undefined ? "" : `\r\nContent-Type: ${type}`) +
        "\r\n\r\n",
    ),
    typeof body === "string" ? encoder.encode(body) : body,
    encoder.encode("\r\n"),
  ]);
  return concat([...pieces, encoder.encode(`--${BOUNDARY}--\r\n`)]);
}

export function concat(pieces: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  const whole = new Uint8Array(pieces.reduce((total, piece) => total + piece.length, 0));
  let position = 0;
  for (const piece of pieces) {
    whole.set(piece, position);
    position += piece.length;
  }
  return whole;
}

/** Uploads the parts as the caller. */
export async function upload(call: Call, path: string, headers: Record<string, string>, parts: readonly FormPart[]) {
  return call(path, { method: "POST", headers: { ...MULTIPART, ...headers }, body: formBody(parts) });
}

/** The `data` of a success. */
export async function dataOf<Data = Json>(response: Response): Promise<Data> {
  const body = await response.json<{ success: boolean; message: string; data: Data }>();
  expect(body, JSON.stringify(body)).toMatchObject({ success: true, message: "OK" });
  expect(response.status).toBe(200);
  return body.data;
}

/** Asserts the form that every refusal has, and returns it. */
export async function expectProblem(
  response: Response,
  status: number,
  code: ProblemCode,
): Promise<Record<string, Json>> {
  const body = await response.json<Record<string, Json>>();
  expect(body, JSON.stringify(body)).toMatchObject({ success: false, data: null, code, status });
  expect(response.status).toBe(status);
  expect(response.headers.get("content-type")).toBe("application/problem+json");
  expect(body["request_id"]).toBe(response.headers.get("x-request-id"));
  return body;
}
