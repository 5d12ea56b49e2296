/** Sluice inside an app that a team has already: its routes under a path, and two of them in one Worker. */
import { createExecutionContext, waitOnExecutionContext } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { Hono } from "hono";
import { expect, test } from "vitest";
import { createSluice } from "../../../src/index.ts";
import { as, dataOf, expectProblem, formBody, MULTIPART, ORIGIN } from "../../support/app.ts";
import { buildOf } from "../../support/build.ts";
import { useFreshStorage } from "../../support/database.ts";
import { planOf, uploadStep } from "../../support/plans.ts";
import { backgroundPlan, recordingQueues, red } from "./jobs/support.ts";

useFreshStorage();

const uploading = planOf([uploadStep({ visibility: "private", issuesLinks: true })]);

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

test("two in one Worker do not disturb each other", async () => {
  const [one, other] = [createSluice(buildOf([uploading])), createSluice(buildOf([]))];
  const context = createExecutionContext();
  const request = () => new Request(`${ORIGIN}/test`, { method: "POST" });
  const answers = [await one.fetch(request(), env, context), await other.fetch(request(), env, context)];
  expect(answers.map(({ status }) => status)).toEqual([401, 404]);
});
