/** Asks endpoints for upload links, and uses those as somebody without a token. */
import { env } from "cloudflare:workers";
import { expect, inject, vi } from "vitest";
import type { Engine } from "../../../../src/runtime/database/engine.ts";
import {
  callerOf,
  dataOf,
  formBody,
  MULTIPART,
  ORIGIN,
  token,
  type Call,
  type FormPart,
} from "../../../support/app.ts";
import { buildOf, runSweep } from "../../../support/build.ts";
import { secrets } from "../../../support/secrets.ts";
import { d1 } from "../../../../src/databases/d1.ts";
import { tableOf } from "./endpoints.ts";

export interface LinkHarness {
  readonly engine: Engine;
  readonly bindings: Readonly<Record<string, unknown>>;
  readonly run: (sql: string) => Promise<readonly Readonly<Record<string, unknown>>[]>;
}

export const onD1: LinkHarness = {
  engine: d1,
  bindings: { MAX_CONCURRENT_UPLOADS: "50", FILE_API: "on" },
  run: async (sql) => (await env.DB.prepare(sql).all()).results,
};

export async function startAnew({ run }: LinkHarness): Promise<void> {
  for (const table of [
    "sluice_files",
    "sluice_upload_links",
    "sluice_quotas",
    "sluice_link_epochs",
    "sluice_idempotency_keys",
  ]) {
    await run(`DELETE FROM ${table}`);
  }
  await run("DROP TABLE IF EXISTS linked_things");
  await run(tableOf());
}

export interface Link {
  readonly id: string;
  readonly url: string;
  readonly [member: string]: unknown;
}

type Headers = Readonly<Record<string, string>>;

/** Does the work at a time when links of the usual life have ended. */
export async function twoHoursLater<Result>(work: () => Promise<Result>): Promise<Result> {
  vi.useFakeTimers({ toFake: ["Date"], now: Date.now() + 7_200_000 });
  try {
    return await work();
  } finally {
    vi.useRealTimers();
  }
}

export const text = (body = "a small text", name = "file"): FormPart => ({ name, fileName: "a.txt", body });
export const field = (name: string, body: string): FormPart => ({ name, body });

export function createLinks({ engine, bindings, run }: LinkHarness) {
  const callWith = (more: Readonly<Record<string, unknown>> = {}) =>
    callerOf(buildOf(inject("compiled").uploadLinks, engine), { ...bindings, ...secrets, ...more });
  const call = callWith();
  const headersOf = async (id: string, secret: string = secrets.JWT_SECRET_KEY) => ({
    "x-access-token": await token({ id, email: "a@b.example" }, { secret }),
  });

  /** Asks for a link. @param path of the endpoint */
  const ask = async (path: string, terms: object = {}, id = "ann", more: Headers = {}, by: Call = call) => {
    const { pathname, search } = new URL(path, ORIGIN);
    const headers = { ...(await headersOf(id)), "content-type": "application/json", ...more };
    return by(`${pathname}/links${search}`, { method: "POST", headers, body: JSON.stringify(terms) });
  };
  const issue = async (path: string, terms: object = {}, id = "ann"): Promise<Link> =>
    dataOf<Link>(await ask(path, terms, id));
  const list = async (path: string, id = "ann") =>
    dataOf<readonly Link[]>(await call(`${path}/links`, { headers: await headersOf(id) }));
  const revoke = async (path: string, id = "ann") => call(path, { method: "DELETE", headers: await headersOf(id) });

  /** Sends a form to the address. */
  const post = (url: string, parts: readonly FormPart[] = [text()], headers: Headers = {}, by: Call = call) =>
    by(url, { method: "POST", headers: { ...MULTIPART, ...headers }, body: formBody(parts) });
  const put = (url: string, body = "a small text", headers: Headers = {}) =>
    call(url, { method: "PUT", headers: { "content-type": "text/plain", ...headers }, body });

  const uses = async (id: string) =>
    Number((await run(`SELECT uploads FROM sluice_upload_links WHERE id = '${id}'`))[0]?.["uploads"]);
  const statuses = async () =>
    (await run("SELECT status FROM sluice_files ORDER BY status")).map(({ status }) => String(status));
  const sweep = () => runSweep({ ...env, ...bindings, ...secrets } as Env, engine);
  const expectNothingLeft = async () => {
    expect(await statuses()).toEqual([]);
    expect((await env.BUCKET.list()).objects).toEqual([]);
  };
  return { callWith, call, headersOf, ask, issue, list, revoke, post, put, uses, statuses, sweep, expectNothingLeft };
}
