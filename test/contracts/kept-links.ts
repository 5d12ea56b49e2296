/** What is stored of a call holds no signature, and whoever is answered with it gets links that open: on every engine. */
import { env } from "cloudflare:workers";
import { createExecutionContext, waitOnExecutionContext } from "cloudflare:test";
import { beforeEach, describe, expect, test } from "vitest";
import { createSluice } from "../../src/index.ts";
import type { Engine } from "../../src/runtime/database/engine.ts";
import { onD1 } from "../../src/contract/tables.ts";
import type { Plan } from "../../src/contract/plan.ts";
import type { Parameter } from "../../src/contract/plan/query.ts";
import type { Reference } from "../../src/contract/plan/reference.ts";

import { background, recordingQueues, red } from "../unit/runtime/jobs/support.ts";
import { formBody, MULTIPART, ORIGIN, token } from "../support/app.ts";
import { buildOf } from "../support/build.ts";
import { claimId, planOf, queryStep, uploadStep } from "../support/plans.ts";

export interface KeptLinksHarness {
  readonly engine: Engine;
  readonly bindings: Readonly<Record<string, unknown>>;
  readonly placeholder: (number: number) => string;
  readonly run: (sql: string) => Promise<readonly Readonly<Record<string, unknown>>[]>;
}

interface Answered {
  readonly status: number;
  readonly data: never;
  readonly job_id: string;
}
type Rows = readonly { readonly storage_key: string; readonly download_url: string | null }[];

const secret = "kept-links-jwt-secret-key-of-32-bytes-or-more";
const any = (value: Reference): Parameter => ({ value, type: "any" });
const uploading = uploadStep({ visibility: "private" });
const answering = planOf([uploading], {
  answer: { step: 0, fields: ["storage_key", "download_url"], shape: "list" },
});

/** Where a call or a job leaves something of itself. */
const KEPT =
  "SELECT answer AS kept FROM sluice_idempotency_keys UNION ALL SELECT context FROM sluice_jobs UNION ALL SELECT result FROM sluice_jobs UNION ALL SELECT result FROM sluice_job_steps";

export function describeKeptLinks(name: string, harness: KeptLinksHarness): void {
  const { engine, placeholder, run } = harness;
  const bindings = {
    ...env,
    ...harness.bindings,
    ...recordingQueues().bindings,
    LINK_SECRET: "kept-links-link-secret-of-32-bytes-or-more",
    JWT_SECRET_KEY: secret,
  } as unknown as Env;

  const fetchOf = async (plan: Plan, url: string, init: RequestInit = {}) => {
    const context = createExecutionContext();
    const request = new Request(new URL(url, ORIGIN), init);
    const response = await createSluice(buildOf([plan], engine)).fetch(request, bindings, context);
    const text = new TextDecoder().decode(await response.arrayBuffer());
    await waitOnExecutionContext(context);
    return { status: response.status, text };
  };
  const caller = async () => ({ "x-access-token": await token({ id: "ann" }, { secret }) });
  const send = async (plan: Plan, more: readonly { name: string; body: string }[] = []): Promise<Answered> => {
    const headers = { ...(await caller()), ...MULTIPART, "idempotency-key": "key-1" };
    const { status, text } = await fetchOf(plan, "/test", {
      method: "POST",
      headers,
      body: formBody([...more, red, red]),
    });
    return { ...(JSON.parse(text) as Answered), status };
  };
  const show = async (plan: Plan, id: string) => {
    const { text } = await fetchOf(plan, `/jobs/${id}`, { headers: await caller() });
    return (JSON.parse(text) as { data: { state: string; result: Rows } }).data;
  };
  const deliver = (plan: Plan, id: string) => {
    const settled = { ack: () => undefined, retry: () => undefined };
    const messages = [{ id: "m", timestamp: new Date(), attempts: 1, body: { id }, ...settled }];
    return createSluice(buildOf([plan], engine)).queue({ queue: "sluice-jobs", messages }, bindings);
  };
  const opens = async (rows: Rows) =>
    Promise.all(rows.map(async (row) => (await fetchOf(answering, row.download_url ?? "/none")).status));
  const keptTexts = async () => (await run(KEPT)).flatMap(({ kept }) => (kept === null ? [] : [JSON.stringify(kept)]));
  const issued = async () => (await run("SELECT id FROM sluice_links")).length;

  /** One gallery row for each file, whose `url` is its link. */
  const storing = queryStep({
    sql: `INSERT INTO gallery (id, user_id, storage_key, url, file_size, created_at, updated_at) VALUES (${placeholder(1)}, ${placeholder(2)}, ${placeholder(3)}, ${placeholder(4)}, 1, ${placeholder(5)}, ${placeholder(5)}) RETURNING storage_key, url AS download_url`,
    parameters: [
      any({ from: "generator", kind: "NANOID" }),
      any(claimId),
      any({ from: "element", path: ["storage_key"] }),
      any({ from: "element", path: ["download_url"] }),
      { value: { from: "now" }, type: "timestamp" },
    ],
    each: { from: "result", step: 0, path: [] },
  });
  const answered = planOf([uploading, storing], { answer: { step: 1, fields: null, shape: "list" } });

  describe(`kept links: ${name}`, () => {
    beforeEach(async () => {
      const own = ["files", "links", "idempotency_keys", "jobs", "job_steps"].map(onD1);
      for (const table of ["gallery", ...own]) {
        await run(`DELETE FROM ${table}`);
      }
    });

    test.each([
      ["an upload's own fields, known before the last batch", answering],
      ["what the last batch returned", answered],
    ])("%s: a replay has new links, each in the audit", async (_, plan) => {
      const first = await send(plan);
      expect([first.status, await opens(first.data)]).toEqual([200, [200, 200]]);
      const [kept, ...others] = await keptTexts();
      expect([kept?.includes("X-Amz-"), others]).toEqual([false, []]);
      expect(await issued()).toBe(2);
      const again = await send(plan);
      const rows = again.data as Rows;
      expect(await opens(rows)).toEqual([200, 200]);
      expect(rows.map((row) => row.storage_key)).toEqual((first.data as Rows).map((row) => row.storage_key));
      expect(rows).not.toEqual(first.data);
      // One row for all that an answer gets anew.
      expect(await issued()).toBe(3);
    });

    test.each([
      ["deleted", "status = 'deleted', deleted_at = updated_at, purge_at = updated_at"],
      ["gone", "status = 'gone'"],
      ["past its time", "expires_at = '2020-01-01T00:00:00.000Z'"],
    ])("of a file that is %s there is no new link", async (_, change) => {
      const [lost, left] = (await send(answering)).data as Rows;
      await run(`UPDATE sluice_files SET ${change} WHERE storage_key = '${lost?.storage_key ?? ""}'`);
      const rows = (await send(answering)).data as Rows;
      expect(rows).toEqual([
        { storage_key: lost?.storage_key, download_url: null },
        { storage_key: left?.storage_key, download_url: expect.stringContaining("X-Amz-Signature") as string },
      ]);
    });

    test("what a client sent is answered as it was, whatever it looks like", async () => {
      const echo = queryStep({
        sql: `INSERT INTO gallery (id, user_id, storage_key, url, file_size, created_at, updated_at) VALUES (${placeholder(1)}, 'u', 'k', ${placeholder(2)}, 1, ${placeholder(3)}, ${placeholder(3)}) RETURNING url`,
        parameters: [
          any({ from: "generator", kind: "NANOID" }),
          any({ from: "payload", path: ["text"] }),
          { value: { from: "now" }, type: "timestamp" },
        ],
      });
      const victim = ((await send(answering)).data as Rows)[0]?.storage_key ?? "";
      await run("DELETE FROM sluice_idempotency_keys");
      const text = `[["link:a","${victim}"]]\nlink:a "link:a" $& ${ORIGIN}/files/${victim}?X-Amz-Signature=00`;
      const plan = planOf([uploadStep(), echo], { answer: { step: 1, fields: null, shape: "object" } });
      const field = [{ name: "text", body: text }];
      expect((await send(plan, field)).data).toEqual({ url: text });
      expect((await send(plan, field)).data).toEqual({ url: text });
    });

    test("a link within longer text is a new one too", async () => {
      const told = {
        from: "template",
        parts: [
          { from: "literal", value: "see " },
          { from: "element", path: ["download_url"] },
        ],
      } as const;
      const parameters = storing.parameters.map((parameter, index) => (index === 3 ? any(told) : parameter));
      const plan = planOf([uploading, { ...storing, parameters }], answered);
      await send(plan);
      expect((await keptTexts()).filter((text) => text.includes("X-Amz-"))).toEqual([]);
      const rows = (await send(plan)).data as Rows;
      const links = rows.map((row) => ({ ...row, download_url: row.download_url?.replace(/^see /, "") ?? null }));
      expect(await opens(links)).toEqual([200, 200]);
    });

    test("a job keeps none, binds one of its own time, and shows a new one to whoever asks", async () => {
      // The first step takes effect at once; the second fails while its row is missing.
      const sql = "UPDATE gallery SET file_size = 2 WHERE user_id = 'somebody' RETURNING id";
      const [guarded, ...checks] = engine.dialect.mustChange({ sql, parameters: [], columns: {}, writes: true });
      const failing = queryStep({
        id: 3,
        sql: guarded?.sql ?? "",
        checks: checks.map((check) => ({ sql: check.sql, parameters: [] })),
      });
      const plan = planOf([uploading, { ...storing, send: "now" }, failing], {
        answer: { step: 1, fields: null, shape: "list" },
        background: background({
          steps: [1, 2],
          answer: answering.answer,
          reads: { payload: false, headers: [], results: [0], links: true },
        }),
      });
      const { job_id: id, status, data } = await send(plan);
      expect([status, await opens(data)]).toEqual([202, [200, 200]]);
      await deliver(plan, id);
      // The answer, the job's context, and what its first step returned where that is durable already.
      expect(await keptTexts()).not.toHaveLength(0);
      expect((await keptTexts()).filter((text) => text.includes("X-Amz-"))).toEqual([]);
      await run(
        "INSERT INTO gallery (id, user_id, storage_key, url, file_size, created_at, updated_at) SELECT 'a', 'somebody', 'k', 'x', 1, created_at, created_at FROM sluice_jobs",
      );
      await run("UPDATE sluice_jobs SET due_at = '2020-01-01T00:00:00.000Z', wake_at = '2020-01-01T00:00:00.000Z'");
      await deliver(plan, id);
      const { state, result } = await show(plan, id);
      expect([state, await opens(result)]).toEqual(["done", [200, 200]]);
      const urls = (await run("SELECT url FROM gallery WHERE user_id = 'ann'")).map((row) => row["url"]);
      const known = [...(data as Rows), ...result].map((row) => row.download_url);
      expect([urls.length, urls.filter((url) => known.includes(String(url)))]).toEqual([2, []]);
      expect((await keptTexts()).filter((text) => text.includes("X-Amz-"))).toEqual([]);
      await run("UPDATE sluice_files SET status = 'gone'");
      expect((await show(plan, id)).result.map((row) => row.download_url)).toEqual([null, null]);
    });
  });
}
