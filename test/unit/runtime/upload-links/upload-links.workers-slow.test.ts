import { env } from "cloudflare:workers";
import { beforeEach, expect, inject, test } from "vitest";
import type { Plan } from "../../../../src/contract/plan.ts";
import { callerOf, dataOf, expectProblem } from "../../../support/app.ts";
import { buildOf } from "../../../support/build.ts";
import { useFreshStorage } from "../../../support/database.ts";
import { secrets } from "../../../support/secrets.ts";
import { watchDatabase, type Watch } from "../../../support/watched-bindings.ts";
import { createLinks, onD1, startAnew, text } from "./harness.ts";
import { describePieces } from "./pieces.ts";
import { describeTerms } from "./terms.ts";
import { describeUses } from "./uses.ts";

useFreshStorage();

describeTerms(onD1);
describeUses(onD1);
describePieces(onD1);

beforeEach(() => startAnew(onD1));

test.each(["/things", "/rows", "/quota"])(
  "an upload to %s by link asks the database no more often than one by token",
  async (path) => {
    let asked = 0;
    const watch: Watch = (_, make) => {
      asked++;
      return make();
    };
    const { issue, post, headersOf, callWith } = createLinks(onD1);
    const { url } = await issue(path);
    const watched = callWith({ DB: watchDatabase(env.DB, watch) });
    const count = async (address: string, headers: Readonly<Record<string, string>>) => {
      asked = 0;
      expect((await post(address, [text()], headers, watched)).status).toBe(200);
      return asked;
    };
    const byToken = await count(path, await headersOf("ann"));
    expect(await count(url, {})).toBe(byToken);
  },
);

test("a link opens behind a proxy, which makes another address of the public one", async () => {
  const { ask, post, callWith } = createLinks(onD1);
  const behind = callWith({ PUBLIC_BASE_URL: "https://files.example/uploads" });
  const { url } = await dataOf<{ url: string }>(await ask("/things", {}, "ann", {}, behind));
  expect(url).toMatch(/^https:\/\/files\.example\/uploads\/things\?upload=/);
  await dataOf(await post(url.replace("https://files.example/uploads", ""), [text()], {}, behind));
});

test("a link is held to what its endpoint has become since", async () => {
  const { issue, post } = createLinks(onD1);
  const deploy = (change: (plan: Plan) => Plan) =>
    callerOf(buildOf(inject("compiled").uploadLinks.map(change)), { ...onD1.bindings, ...secrets });
  const { url } = await issue("/things", { max_uploads: 9 });
  const narrower = deploy((plan) => ({
    ...plan,
    steps: plan.steps.map((step) => (step.mode === "upload" ? { ...step, types: ["image/png"] } : step)),
  }));
  await expectProblem(await post(url, [text()], {}, narrower), 415, "file_type_not_allowed");
  const claiming = deploy(({ authentication, ...plan }) => ({
    ...plan,
    authentication: authentication && { ...authentication, claims: [...authentication.claims, "team"] },
  }));
  await expectProblem(await post(url, [text()], {}, claiming), 403, "link_invalid");
  const closed = deploy((plan) => ({
    ...plan,
    steps: plan.steps.map((step) => {
      if (step.mode !== "upload") return step;
      const { links: _, ...rest } = step;
      return rest;
    }),
  }));
  await expectProblem(await post(url, [text()], {}, closed), 401, "unauthorized");
  await dataOf(await post(url));
});
