/** Sluice inside an app that a team has already: its routes under a path, and two of them in one Worker. */
import { createExecutionContext, waitOnExecutionContext } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { Hono } from "hono";
import { describe, expect, test } from "vitest";
import { createSluice } from "../../../src/index.ts";
import { as, dataOf, expectProblem, formBody, MULTIPART, ORIGIN } from "../../support/app.ts";
import { buildOf } from "../../support/build.ts";
import { useFreshStorage } from "../../support/database.ts";
import { planOf, uploadStep } from "../../support/plans.ts";
import { backgroundPlan, recordingQueues, red } from "./jobs/support.ts";

useFreshStorage();

const links = { maxUploads: 1, maxLifeSeconds: 60 };
const uploading = planOf([uploadStep({ visibility: "private", issuesLinks: true, links })]);

/** A team's own app, with routes and middleware of its own around ours. */
function createTeamApp() {
  const app = new Hono<{ Bindings: Env }>();
  app.use(async (c, next) => {
    await next();
    c.res.headers.set("X-Team", "yes");
  });
  app.get("/hello", (c) => c.text("hello"));
  app.route("/media", createSluice(buildOf([uploading])).routes);
  app.route("/other/files", createSluice(buildOf([backgroundPlan()])).routes);
  app.notFound((c) => c.text("the team's own", 404));
  return app;
}

const queues = recordingQueues();

async function call(path: string, init: RequestInit = {}): Promise<Response> {
  const context = createExecutionContext();
  const bindings = { ...env, ...queues.bindings } as Env;
  const response = await createTeamApp().fetch(new Request(new URL(path, ORIGIN), init), bindings, context);
  await waitOnExecutionContext(context);
  return response;
}

const send = async (path: string) =>
  call(path, { method: "POST", headers: { ...MULTIPART, ...(await as("ann")) }, body: formBody([red]) });

test("addresses and links know the path, and open under it only", async () => {
  const response = await send("/media/test");
  expect(response.headers.get("x-team")).toBe("yes");
  const [file] = await dataOf<{ url: string; download_url: string }[]>(response);
  expect(file?.url).toMatch(new RegExp(`^${ORIGIN}/media/files/`));
  const link = new URL(file?.download_url ?? "");
  expect(link.pathname).toBe(new URL(file?.url ?? "").pathname);
  const opened = await call(link.pathname + link.search);
  expect([opened.status, opened.headers.get("content-type")]).toEqual([200, "image/png"]);
  await opened.arrayBuffer();

  expect((await call(link.pathname.replace("/media", "") + link.search)).status).toBe(404);
  await expectProblem(await call(`/other/files${link.pathname.slice(6)}${link.search}`), 403, "link_invalid");
});

test("upload links are for the path, too", async () => {
  const asked = await call("/media/test/links", { method: "POST", headers: await as("ann") });
  const { url } = await dataOf<{ url: string }>(asked);
  expect(url).toMatch(new RegExp(`^${ORIGIN}/media/test\\?upload=`));
  await dataOf(await call(url, { method: "POST", headers: MULTIPART, body: formBody([red]) }));
});

test("the file API answers under the path, in its own envelope", async () => {
  const bearer = { Authorization: `Bearer ${(await as("ann"))["x-access-token"] ?? ""}` };
  await send("/media/test");
  const listed = await call("/media/v1/upload", { headers: bearer });
  expect(await listed.json()).toMatchObject({ status: "success" });
  expect(await (await call("/media/v1/upload/nobody", { headers: bearer })).json()).toMatchObject({ status: "error" });
});

test("a job is shown where its ticket says", async () => {
  const accepted = await send("/other/files/test");
  expect(accepted.status).toBe(202);
  const { status_url } = await accepted.json<{ status_url: string }>();
  expect(status_url).toMatch(new RegExp(`^${ORIGIN}/other/files/jobs/[0-9a-f]{32}$`));
  const shown = await call(new URL(status_url).pathname, { headers: await as("ann") });
  expect(await dataOf(shown)).toMatchObject({ state: "queued" });
});

test("what is not ours is the team's, what is ours is a problem of ours", async () => {
  expect(await (await call("/hello")).text()).toBe("hello");
  expect(await (await call("/nothing")).text()).toBe("the team's own");
  await expectProblem(await call("/media/nothing"), 404, "resource_not_found");
  await expectProblem(await call("/media/test"), 405, "method_not_allowed");
  expect((await call("/media/healthz")).status).toBe(200);
});

describe("behind a proxy that rewrites the path", () => {
  /** What callers see, and where the proxy sends it. */
  const proxied = new Map([
    ["https://example.com/uploads", "https://worker.internal/media"],
    ["https://example.com/slow", "https://worker.internal/other/files"],
  ]);
  const [uploads = "", slow = ""] = proxied.keys();

  /** One Worker, whose two apps are each told their own address. */
  function createWorker() {
    const app = new Hono<{ Bindings: Env }>();
    const known = [
      ["/media", uploads, createSluice(buildOf([uploading]))],
      // A slash at the end is no part of it.
      ["/other/files", `${slow}/`, createSluice(buildOf([backgroundPlan()]))],
    ] as const;
    for (const [mount, PUBLIC_BASE_URL, { routes }] of known) {
      app.use(`${mount}/*`, (c, next) => {
        c.env = Object.assign({}, c.env, { PUBLIC_BASE_URL });
        return next();
      });
      app.route(mount, routes);
    }
    return app;
  }

  async function ask(address: string, init: RequestInit = {}): Promise<Response> {
    const [seen, sent] = [...proxied].find(([begin]) => address.startsWith(`${begin}/`)) ?? ["", ""];
    const context = createExecutionContext();
    const request = new Request(sent + address.slice(seen.length), init);
    const response = await createWorker().fetch(request, { ...env, ...queues.bindings } as never, context);
    await waitOnExecutionContext(context);
    return response;
  }

  const post = async (base: string, path = "/test") => {
    const headers = {
      ...MULTIPART,
      ...(await as("ann")),
      authorization: `Bearer ${(await as("ann"))["x-access-token"] ?? ""}`,
    };
    return ask(base + path, { method: "POST", headers, body: formBody([red]) });
  };

  test("addresses begin with the public one, and open there: an upload's, a link's, a job's", async () => {
    const [file] = await dataOf<{ url: string; download_url: string }[]>(await post(uploads));
    expect(file?.url).toMatch(/^https:\/\/example\.com\/uploads\/files\/gallery\/ann\//);
    expect(file?.download_url).toContain(`${file?.url ?? ""}?`);
    const opened = await ask(file?.download_url ?? "");
    expect([opened.status, opened.headers.get("content-type")]).toEqual([200, "image/png"]);
    await opened.arrayBuffer();
    expect((await ask(file?.url ?? "")).status).toBe(404);

    const accepted = await post(slow);
    const { status_url } = await accepted.json<{ status_url: string }>();
    expect([accepted.status, status_url]).toEqual([
      202,
      expect.stringMatching(/^https:\/\/example\.com\/slow\/jobs\//),
    ]);
    expect(await dataOf(await ask(status_url, { headers: await as("ann") }))).toMatchObject({ state: "queued" });
  });

  test("the file API's answers too", async () => {
    const uploaded = await post(uploads, "/v1/upload");
    const { data } = await uploaded.json<{ data: { _id: string; url: string } }>();
    expect(data.url).toMatch(/^https:\/\/example\.com\/uploads\/files\//);
    expect((await ask(data.url)).status).toBe(200);
    const headers = {
      authorization: `Bearer ${(await as("ann"))["x-access-token"] ?? ""}`,
      "content-type": "application/json",
    };
    const links = `${uploads}/v1/upload/${data._id}/links`;
    const issued = await ask(links, { method: "POST", headers, body: '{"max_downloads": 1}' });
    const link = await issued.json<{ data: { url: string } }>();
    expect(link.data.url).toContain(`${data.url}?`);
    expect((await ask(link.data.url)).status).toBe(200);
    expect((await ask(link.data.url)).status).toBe(410);
  });

  test("a link opens where it was signed for, and nowhere else", async () => {
    const [file] = await dataOf<{ download_url: string }[]>(await post(uploads));
    const link = file?.download_url ?? "";
    await expectProblem(await ask(link.replace("/files/", "/files/x/")), 403, "link_invalid");
    // The other app has another address.
    await expectProblem(await ask(link.replace(uploads, slow)), 403, "link_invalid");
    await expectProblem(await ask(`${link}0`), 403, "link_invalid");
  });
});

test("two in one Worker do not disturb each other", async () => {
  const [one, other] = [createSluice(buildOf([uploading])), createSluice(buildOf([]))];
  const context = createExecutionContext();
  const request = () => new Request(`${ORIGIN}/test`, { method: "POST" });
  const answers = [await one.fetch(request(), env, context), await other.fetch(request(), env, context)];
  expect(answers.map(({ status }) => status)).toEqual([401, 404]);
});
