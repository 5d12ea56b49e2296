/**
 * The runtime as attackers meet it, with Ann's files in it, and what must hold of every answer and log line whatever was
 * asked. Knows nothing of single attacks.
 */
import { env } from "cloudflare:workers";
import { afterAll, beforeAll, expect, inject, vi } from "vitest";
import type { Json } from "../../../../src/contract/plan.ts";
import { argon2 } from "../../../../src/runtime/accounts/argon2.ts";
import { recordingQueues } from "../../../unit/runtime/jobs/support.ts";
import { callerOf, formBody, MULTIPART, token, type FormPart } from "../../../support/app.ts";
import { buildResumable, buildWithout } from "../../../support/build.ts";
import { VERSION } from "../../../support/tus.ts";
import { prepareStorage, resetStorage } from "../../../support/database.ts";
import {
  picture,
  pictureParts,
  rawOf,
  type Body,
  type Door,
  type Target,
  type TokenHeader,
  type UploadDoor,
} from "./doors.ts";
import { hookSecrets } from "./senders.ts";
import { forgetState } from "./state.ts";
import { usersTable } from "./users.ts";

export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly bytes: Uint8Array<ArrayBuffer>;
  /** One character per byte. */
  readonly text: string;
  readonly json: Readonly<Record<string, Json>>;
}

export interface Asked {
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: NonNullable<RequestInit["body"]>;
}

type Bindings = Readonly<Record<string, unknown>>;

export interface World {
  /** An answer of 500 or more, and one that tells what it must not, fails the test. */
  readonly ask: (path: string, asked?: Asked) => Promise<Answer>;
  /** The same where a deployment's fault may be answered. */
  readonly askAnyway: (path: string, asked?: Asked) => Promise<Answer>;
  /** What is Ann's, once the storage is ready. */
  readonly target: Target;
  /** The same storage under other settings, or of a Worker that is built of less. */
  readonly beside: (bindings: Bindings, without?: "fileApi") => World;
}

/** A name for each caller, so that no check meets another's files. */
let callers = 0;
export const newCaller = (): string => `caller-${(callers += 1)}`;

/** An endpoint that takes addresses under /jobs, which are nobody's in other worlds. */
const OPEN_JOBS = "open-jobs-01";

/** Opens a world for the tests of a file; its storage starts empty and is emptied afterwards. */
export function openWorld(bindings: Bindings = {}, { withOpenJobs = false } = {}): World {
  const lines: string[] = [];
  let target: Target | null = null;
  const worldOf = (settings: Bindings, without?: "fileApi"): World => {
    const plans = inject("attackPlans").filter(({ id }) => withOpenJobs || id !== OPEN_JOBS);
    const built = without === undefined ? buildResumable(plans) : buildWithout(without, plans);
    const build = { ...built, features: { ...built.features, argon2 } };
    const call = callerOf(build, {
      ...recordingQueues().bindings,
      ...hookSecrets,
      FILE_API_TYPES: "*/*",
      ...settings,
    });
    const askAnyway: World["ask"] = async (path, asked = {}) => {
      const answer = await readAnswer(await call(path, asked));
      expectDecent(answer, path);
      expectDiscreet(lines.splice(0), path, asked);
      return answer;
    };
    return {
      askAnyway,
      async ask(path, asked) {
        const answer = await askAnyway(path, asked);
        expect(answer.status, answer.text.slice(0, 400)).toBeLessThan(500);
        return answer;
      },
      get target() {
        if (target === null) throw new Error("Nothing is there before the tests begin");
        return target;
      },
      beside: (more, built) => worldOf({ ...settings, ...more }, built),
    };
  };
  const world = worldOf(bindings);
  beforeAll(async () => {
    for (const level of ["log", "warn", "error"] as const) {
      vi.spyOn(console, level).mockImplementation(
        (...words: unknown[]) => void lines.push(words.map(String).join(" ")),
      );
    }
    forgetState();
    await prepareStorage();
    await env.DB.exec(usersTable);
    target = await plant(worldOf({}).ask);
  });
  afterAll(async () => {
    vi.restoreAllMocks();
    await resetStorage();
  });
  return world;
}

/** Status, headers and body, without what is different each time. */
export const wire = ({ status, headers, text }: Answer): string =>
  JSON.stringify([status, [...headers].filter(([name]) => name !== "server-timing"), text]).replaceAll(
    headers.get("x-request-id") ?? "",
    "…",
  );

async function readAnswer(response: Response): Promise<Answer> {
  const bytes = new Uint8Array(await response.arrayBuffer());
  const text = new TextDecoder("latin1").decode(bytes);
  return {
    status: response.status,
    headers: response.headers,
    bytes,
    text,
    get json() {
      return JSON.parse(new TextDecoder().decode(bytes)) as Answer["json"];
    },
  };
}

const secrets = [env.JWT_SECRET_KEY, env.LINK_SECRET, ...Object.values(hookSecrets)];
/** Words of the database, of stack traces and of source files. */
const inner =
  /SQLITE_|D1_ERROR|constraint failed|no such (?:table|column)|syntax error|\bat [\w.<>]+ \(|\.[cm]?[jt]s:\d+|node_modules/;

function expectDecent({ status, headers, text }: Answer, path: string): void {
  expect(headers.get("x-request-id")).toMatch(/^[0-9a-f-]{36}$/);
  expect(headers.get("set-cookie")).toBeNull();
  expect(headers.get("access-control-allow-credentials")).toBeNull();
  const isFile = path.includes("/files/") && status < 400;
  if (isFile) return;
  for (const secret of secrets) expect(text).not.toContain(secret);
  if (status >= 400) expect(text).not.toMatch(inner);
}

/** Logs are read by more people than may call: neither secrets nor what opens something. */
function expectDiscreet(lines: readonly string[], path: string, { headers = {} }: Asked): void {
  const credentials = Object.entries(headers).filter(([name]) =>
    /^(?:x-access-token|authorization|cookie|[a-z-]+-signature)$/.test(name),
  );
  const seals = [...path.matchAll(/[?&]upload=([^&]+)/g)].map(([, seal = ""]) => seal);
  const tokens = [...credentials.map(([, value]) => value.replace(/^Bearer /, "")), ...seals].filter(
    (value) => value.length > 40,
  );
  for (const line of lines) {
    for (const secret of [...secrets, ...tokens]) expect(line).not.toContain(secret);
    expect(line).not.toContain("X-Amz-Signature=");
  }
}

/** The headers by which a caller proves itself at a door; `proof` is the whole token. */
export function carry(tokenIn: TokenHeader, proof: string): Record<string, string> {
  if (tokenIn === null) return {};
  return tokenIn === "authorization" ? { authorization: `Bearer ${proof}` } : { [tokenIn]: proof };
}

/** The same with a good token of this caller. */
export const identify = async (tokenIn: TokenHeader, id: string): Promise<Record<string, string>> =>
  carry(tokenIn, tokenIn === null ? "" : await token({ id }));

/** A right request to the door, but for what is changed. */
export function knock(
  world: World,
  door: Door,
  headers: Readonly<Record<string, string>>,
  change: { readonly path?: string; readonly body?: Body } = {},
): Promise<Answer> {
  const body = change.body ?? door.body?.(world.target);
  const content = body === undefined ? {} : { "content-type": body.type };
  return world.ask(change.path ?? door.path(world.target), {
    method: door.method,
    headers: { ...content, ...door.headers, ...headers },
    ...(body === undefined ? {} : { body: body.bytes }),
  });
}

/** Sends the parts to an upload door as a caller: one alone as a raw door takes it, else as a form. */
export async function send(
  world: Pick<World, "ask">,
  door: UploadDoor,
  caller: string,
  parts: readonly FormPart[] = pictureParts,
  headers: Readonly<Record<string, string>> = {},
): Promise<Answer> {
  const proof = await identify(door.tokenIn, caller);
  const [only, ...others] = parts;
  const isRaw = door.isRaw && only !== undefined && others.length === 0;
  const asked = isRaw ? rawOf(only) : { headers: MULTIPART, body: formBody(parts) };
  const all = { ...asked.headers, ...proof, ...headers };
  return world.ask(door.path({} as Target), { method: door.method, headers: all, body: asked.body });
}

type Row = Readonly<Record<string, string>>;

async function plant(ask: World["ask"]): Promise<Target> {
  const guarded = { "x-access-token": await token({ id: "ann" }) };
  const bearer = { authorization: `Bearer ${await token({ id: "ann" })}` };
  const store = async (path: string) => {
    const headers = { ...MULTIPART, ...guarded, ...bearer };
    const answer = await ask(path, { method: "POST", headers, body: formBody(pictureParts) });
    expect(answer.status, answer.text).toBeLessThan(300);
    return answer.json;
  };
  const fileApi = async (path: string) => (await store(path))["data"] as Row;
  const [open, closed, gone] = [
    await fileApi("/v1/upload"),
    await fileApi("/v1/upload/private"),
    await fileApi("/v1/upload"),
  ];
  const [stored] = (await store("/narrow/plain"))["data"] as readonly Row[];
  const job = await store("/narrow/job");
  const pending = async (path: string) => {
    const headers = { ...guarded, ...bearer, ...VERSION, "upload-length": String(picture.length) };
    const created = await ask(path, { method: "POST", headers });
    expect(created.status, created.text).toBe(201);
    return new URL(created.headers.get("location") ?? "").pathname;
  };
  await ask(`/v1/upload/${gone["_id"]}`, { method: "DELETE", headers: bearer });
  const link = await ask(`/v1/upload/url/${closed["_id"]}?expires=3600`, { headers: bearer });
  return {
    publicId: open["_id"] ?? "",
    privateId: closed["_id"] ?? "",
    deletedId: gone["_id"] ?? "",
    jobId: job["job_id"] as string,
    abiUpload: await pending("/narrow/pieces"),
    fileApiUpload: await pending("/v1/upload"),
    storageKey: stored?.["storage_key"] ?? "",
    publicUrl: open["url"] ?? "",
    privateUrl: closed["url"] ?? "",
    abiUrl: stored?.["url"] ?? "",
    signedUrl: link.json["data"] as string,
    abiSignedUrl: stored?.["download_url"] ?? "",
  };
}
