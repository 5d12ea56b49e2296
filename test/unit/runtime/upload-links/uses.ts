/** As many uploads succeed as a link allows, and what ends without a stored file was none. */
import { env } from "cloudflare:workers";
import { beforeEach, describe, expect, test } from "vitest";
import { dataOf, expectProblem, formBody, MULTIPART, token } from "../../../support/app.ts";
import { OTHER_LINK_SECRET, secrets } from "../../../support/secrets.ts";
import { createLinks, field, startAnew, text, twoHoursLater, type LinkHarness } from "./harness.ts";

const PAST = "2026-01-01T00:00:00.000Z";

export function describeUses(harness: LinkHarness): void {
  const { run } = harness;
  const links = createLinks(harness);
  const { callWith, call, headersOf, ask, issue, list, revoke, post, uses, statuses, sweep, expectNothingLeft } = links;
  const states = async (path: string) => (await list(path)).map(({ state }) => state);

  beforeEach(() => startAnew(harness));

  describe("a use", () => {
    test("is one form, however many files it has", async () => {
      const { url, id } = await issue("/things", { max_uploads: 2 });
      await dataOf(await post(url, [text("a"), text("b"), text("c")]));
      expect(await uses(id)).toBe(1);
      expect(await run("SELECT count(*) AS n FROM sluice_files WHERE upload_link IS NOT NULL")).toEqual([{ n: 1 }]);
      await dataOf(await post(url));
      await expectProblem(await post(url), 410, "link_used_up");
    });

    test("is none where the call is refused, before a file or behind one", async () => {
      const { url, id } = await issue("/things");
      await expectProblem(await post(url, [{ fileName: "a.gif", body: "GIF89a" }]), 415, "file_type_not_allowed");
      await expectProblem(
        await post(url, [text(), { fileName: "a.gif", body: "GIF89a" }]),
        415,
        "file_type_not_allowed",
      );
      await expectProblem(await post(url, [text(), text("a".repeat(100_001))]), 413, "file_too_large");
      await expectProblem(await post(url, []), 422, "file_missing");
      expect(await uses(id)).toBe(0);
      await expectNothingLeft();
      await dataOf(await post(url));
    });

    test("is none where the statements of the endpoint fail", async () => {
      const { url, id } = await issue("/rows");
      await run("DROP TABLE linked_things");
      await expectProblem(await post(url, [field("title", "x"), text()]), 500, "misconfigured");
      expect(await uses(id)).toBe(0);
      await expectNothingLeft();
    });

    test("is none where the client goes away", async () => {
      const { url, id } = await issue("/things");
      const { readable, writable } = new IdentityTransformStream();
      const writer = writable.getWriter();
      const answer = call(url, { method: "POST", headers: MULTIPART, body: readable });
      const body = formBody([text(), text("a".repeat(50_000))]);
      await writer.write(body.subarray(0, 20_000));
      await expect.poll(() => uses(id)).toBe(1);
      await writer.abort(new Error("gone"));
      await expectProblem(await answer, 400, "body_malformed");
      expect(await uses(id)).toBe(0);
      await expectNothingLeft();
      await dataOf(await post(url));
    });

    test("comes back with the sweep where the Worker has died", async () => {
      const { url, id } = await issue("/things");
      await dataOf(await post(url));
      // As a crash leaves it that comes before the commit.
      await run(`UPDATE sluice_files SET status = 'pending', updated_at = '${PAST}', created_at = '${PAST}'`);
      await expectProblem(await post(url), 410, "link_used_up");
      await sweep();
      expect(await uses(id)).toBe(0);
      await expectNothingLeft();
      await dataOf(await post(url));
    });

    test("does not come back where its file is deleted", async () => {
      const { url, id } = await issue("/things");
      const [file] = await dataOf<readonly Record<string, string>[]>(await post(url));
      const headers = { ...(await headersOf("ann")), "content-type": "application/json" };
      const body = JSON.stringify([file?.["storage_key"]]);
      await dataOf(await call("/delete-some", { method: "POST", headers, body }));
      await expectNothingLeft();
      expect(await uses(id)).toBe(1);
      await expectProblem(await post(url), 410, "link_used_up");
    });

    test("is taken before what runs ahead of the upload", async () => {
      const { url, id } = await issue("/first");
      const count = async () => Number((await run("SELECT count(*) AS n FROM linked_things"))[0]?.["n"]);
      await dataOf(await post(url, [field("title", "x"), text()]));
      const before = await count();
      await expectProblem(await post(url, [field("title", "x"), text()]), 410, "link_used_up");
      expect([await count(), await uses(id)]).toEqual([before, 1]);
    });
  });

  describe("the issuer's", () => {
    test("quota counts what comes by a link", async () => {
      const { url, id } = await issue("/quota", { max_uploads: 5 });
      await dataOf(await post(url));
      await dataOf(await post(url));
      await expectProblem(await post(url), 413, "quota_exceeded");
      await expectProblem(await post("/quota", [text()], await headersOf("ann")), 413, "quota_exceeded");
      await dataOf(await post("/quota", [text()], await headersOf("bob")));
      expect(await uses(id)).toBe(2);
    });

    test("links are used up before their quota is", async () => {
      const { url } = await issue("/quota");
      await dataOf(await post(url));
      await expectProblem(await post(url), 410, "link_used_up");
      await dataOf(await post("/quota", [text()], await headersOf("ann")));
      await expectProblem(await post(url), 410, "link_used_up");
    });

    test("rate limit counts requests for links, and uploads by them", async () => {
      // Counts outlive a test.
      const [me, other] = [crypto.randomUUID(), crypto.randomUUID()];
      const { url } = await issue("/limited", { max_uploads: 5 }, me);
      await dataOf(await post(url));
      await dataOf(await post(url));
      await expectProblem(await post(url), 429, "rate_limited");
      await expectProblem(await ask("/limited", {}, me), 429, "rate_limited");
      await issue("/limited", {}, other);
    });

    test("idempotency keys and a link's do not meet", async () => {
      const key = { "idempotency-key": "key" };
      const [one, other] = [await issue("/things"), await issue("/things")];
      const keyOf = async (response: Response) =>
        (await dataOf<readonly Record<string, string>[]>(response))[0]?.["storage_key"];
      const mine = await keyOf(await post("/things", [text("mine")], { ...key, ...(await headersOf("ann")) }));
      const first = await keyOf(await post(one.url, [text("by link")], key));
      expect(first).not.toBe(mine);
      const again = await post(one.url, [text("by link")], key);
      expect(again.headers.get("idempotent-replayed")).toBe("true");
      expect(await keyOf(again)).toBe(first);
      await expectProblem(await post(one.url, [text("else")], key), 422, "idempotency_key_reused");
      expect(await keyOf(await post(other.url, [text("by link")], key))).not.toBe(first);
      expect([await uses(one.id), await uses(other.id), (await statuses()).length]).toEqual([1, 1, 3]);
    });
  });

  describe("a link ends", () => {
    test("alone", async () => {
      const [one, other] = [await issue("/things"), await issue("/things")];
      await expectProblem(await revoke(`/things/links/${one.id}`, "bob"), 404, "resource_not_found");
      await expectProblem(await revoke(`/others/links/${one.id}`), 404, "resource_not_found");
      for (let time = 0; time < 2; time++) {
        expect(await dataOf(await revoke(`/things/links/${one.id}`))).toEqual({ revoked: "link", id: one.id });
      }
      await expectProblem(await post(one.url), 410, "link_revoked");
      await dataOf(await post(other.url));
      expect((await states("/things")).toSorted()).toEqual(["revoked", "used_up"]);
      await expectProblem(await post(one.url), 410, "link_revoked");
    });

    test("with all of its endpoint and caller", async () => {
      const [mine, theirs, others] = [
        await issue("/things"),
        await issue("/things", {}, "bob"),
        await issue("/others"),
      ];
      expect(await dataOf(await revoke("/things/links"))).toEqual({ revoked: "endpoint" });
      await expectProblem(await post(mine.url), 410, "link_revoked");
      await dataOf(await post(theirs.url));
      await dataOf(await post(others.url));
      await dataOf(await post((await issue("/things")).url));
    });

    test("with all links of the caller, and with all of the deployment", async () => {
      const [mine, theirs] = [await issue("/things"), await issue("/things", {}, "bob")];
      const authorization = `Bearer ${await token({ id: "ann" }, { secret: secrets.JWT_SECRET_KEY })}`;
      const ended = await call("/v1/upload/links", { method: "DELETE", headers: { authorization } });
      expect(ended.status).toBe(200);
      await expectProblem(await post(mine.url), 410, "link_revoked");
      expect(await states("/things")).toEqual(["revoked"]);
      await run("INSERT INTO sluice_link_epochs (scope, epoch) VALUES ('all', 1)");
      await expectProblem(await post(theirs.url), 410, "link_revoked");
      await dataOf(await post((await issue("/things", {}, "bob")).url));
    });

    test("with its time", async () => {
      const [{ url }, longer] = [await issue("/things"), await issue("/things", { expires: 10_000 })];
      await twoHoursLater(async () => {
        await expectProblem(await post(url), 410, "link_expired");
        await dataOf(await post(longer.url));
        expect((await states("/things")).toSorted()).toEqual(["expired", "used_up"]);
      });
    });

    test("with the secret, once that is forgotten", async () => {
      const { url } = await issue("/things", { max_uploads: 3 });
      const rotated = { LINK_SECRET: OTHER_LINK_SECRET, LINK_SECRET_PREVIOUS: secrets.LINK_SECRET };
      await dataOf(await post(url, [text()], {}, callWith(rotated)));
      const fresh = await dataOf<{ url: string }>(await ask("/things", {}, "ann", {}, callWith(rotated)));
      await expectProblem(await post(fresh.url), 403, "link_invalid");
      const announced = { LINK_SECRET_PREVIOUS: OTHER_LINK_SECRET };
      await dataOf(await post(fresh.url, [text()], {}, callWith(announced)));
      await expectProblem(
        await post(url, [text()], {}, callWith({ LINK_SECRET: OTHER_LINK_SECRET })),
        403,
        "link_invalid",
      );
    });

    test("and its row is forgotten when the audit's time is over, not before", async () => {
      const { url } = await issue("/things");
      await run(`UPDATE sluice_upload_links SET expires_at = '2026-11-01T00:00:00.000Z'`);
      await sweep();
      expect(await states("/things")).toEqual(["expired"]);
      await run(`UPDATE sluice_upload_links SET expires_at = '${PAST}'`);
      await sweep();
      expect(await states("/things")).toEqual([]);
      await expectProblem(await post(url), 403, "link_invalid");
      expect((await env.BUCKET.list()).objects).toEqual([]);
    });
  });
}
