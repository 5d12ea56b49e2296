/** FILE_API: off there is no file API, and a Worker that was built for another setting says so. */
import { afterEach, expect, test, vi } from "vitest";
import { as, callerOf, dataOf, expectProblem, upload } from "../../../support/app.ts";
import { buildOf, buildWithout } from "../../../support/build.ts";
import { readStored, useFreshStorage } from "../../../support/database.ts";
import { planOf, uploadStep } from "../../../support/plans.ts";
import { expectRefusal, fileRoutes, red, user, wire } from "./support.ts";

useFreshStorage();
afterEach(() => vi.restoreAllMocks());

const plans = [planOf([uploadStep()])];
const without = buildWithout("fileApi", plans);
const off = (setting: string | undefined = "off") => callerOf(without, { FILE_API: setting });

const routes: readonly (readonly [string, string])[] = [
  ...fileRoutes.map(([method, at]) => [method, at("f".repeat(24))] as const),
  ["GET", "/v1/upload"],
  ["POST", "/v1/upload"],
  ["GET", "/v1/upload/"],
  ["POST", "/v1/upload/private"],
  ["DELETE", "/v1/upload/links"],
  ["PATCH", "/v1/upload"],
  ["GET", "/v1/upload/a/b/c"],
];

test.each(routes)("off, %s %s is answered like any unknown resource", async (method, path) => {
  for (const call of [off(), off(undefined), off("")]) {
    const unknown = await wire(await user("ann", call).send("/v1/nothing", { method }));
    expect(await wire(await user("ann", call).send(path, { method }))).toBe(unknown);
    await expectProblem(await call(path, { method }), 404, "resource_not_found");
  }
});

test("off, an upload stores nothing, and ABIs work", async () => {
  await expectProblem(await user("ann", off()).upload(), 404, "resource_not_found");
  expect(await readStored()).toMatchObject({ objects: [], files: [] });
  expect(await dataOf(await upload(off(), "/test", await as("ann"), [red]))).toHaveLength(1);
});

test.each(["on", "off"])(
  "FILE_API = %j, where the Worker was built with the other, is named in the log",
  async (setting) => {
    const log = vi.spyOn(console, "error").mockReturnValue();
    const call = callerOf(setting === "on" ? without : buildOf(plans), { FILE_API: setting });
    const answer = await user("ann", call).upload();
    if (setting === "on") await expectProblem(answer, 500, "misconfigured");
    else await expectRefusal(answer, 500, "misconfigured");
    expect(String(log.mock.calls[0]?.[0])).toContain("FILE_API was changed");
    expect(await readStored()).toMatchObject({ objects: [], files: [] });
    expect((await upload(call, "/test", await as("ann"), [red])).status).toBe(200);
  },
);
