/** Links are what the endpoint allows or less, and open for nothing but what they say. */
import { beforeEach, describe, expect, test } from "vitest";
import { dataOf, expectProblem } from "../../../support/app.ts";
import { png } from "../../../support/pictures.ts";
import { createLinks, field, startAnew, text, type LinkHarness } from "./harness.ts";

export function describeTerms(harness: LinkHarness): void {
  const { run } = harness;
  const { call, headersOf, ask, issue, list, post, put, uses, expectNothingLeft } = createLinks(harness);
  const picture = { fileName: "a.png", body: png([200, 30, 30]) };

  beforeEach(() => startAnew(harness));

  describe("a link", () => {
    test("uploads once without a token, for whoever has given it", async () => {
      const { url, ...link } = await issue("/things");
      expect(link).toMatchObject({ method: "POST", path: "/things", state: "live", max_uploads: 1, uploads: 0 });
      expect(link).toMatchObject({ max_bytes: null, types: null, max_files: null, fields: null, ip: null });
      expect(Date.parse(link["expires_at"] as string) - Date.parse(link["issued_at"] as string)).toBeLessThanOrEqual(
        3.6e6,
      );
      const [file] = await dataOf<readonly Record<string, string>[]>(await post(url));
      expect(await run("SELECT owner, upload_link FROM sluice_files")).toEqual([
        { owner: "ann", upload_link: link.id },
      ]);
      expect(file?.["storage_key"]).toMatch(/^things\//);
      await expectProblem(await post(url), 410, "link_used_up");
      expect(await list("/things")).toEqual([{ ...link, state: "used_up", uploads: 1 }]);
      expect(await list("/things", "bob")).toEqual([]);
    });

    test("has rows written as its issuer's", async () => {
      const { url } = await issue("/rows");
      expect(await dataOf(await post(url, [field("title", "mine"), text()]))).toEqual({ owner: "ann", title: "mine" });
    });

    test("takes a raw body by PUT, or by POST", async () => {
      await dataOf(await put((await issue("/things", { method: "PUT" })).url));
      const { url } = await issue("/things");
      await dataOf(await call(url, { method: "POST", headers: { "content-type": "text/plain" }, body: "raw" }));
      expect((await issue("/putting"))["method"]).toBe("PUT");
      await expectProblem(await ask("/putting", { method: "POST" }), 422, "payload_invalid");
      await expectProblem(await ask("/rows", { method: "PUT" }), 422, "payload_invalid");
    });

    test("is not given at an address that has one", async () => {
      const { url } = await issue("/things");
      const { pathname, search } = new URL(url);
      await expectProblem(await ask(pathname + search), 422, "parameter_invalid");
    });

    test("decides where a token is sent with it", async () => {
      const { url } = await issue("/rows");
      const mine = await headersOf("bob");
      expect(await dataOf(await post(url, [field("title", "x"), text()], mine))).toMatchObject({ owner: "ann" });
      await expectProblem(await post(url, [text()], mine), 410, "link_used_up");
      expect(await dataOf(await post("/rows", [field("title", "x"), text()], mine))).toMatchObject({ owner: "bob" });
    });

    test("is for the parameters of the address that was asked, also by the endpoint's id", async () => {
      const { url } = await issue("/albums/summer/photos", { max_uploads: 9 });
      expect(await dataOf(await post(url))).toEqual({ owner: "ann", title: "summer" });
      await expectProblem(await post(url.replace("summer", "winter")), 403, "link_invalid");
      const titled = await issue("/titled?title=one%20two", { max_uploads: 9 });
      expect(await dataOf(await post(titled.url))).toEqual({ owner: "ann", title: "one two" });
      await expectProblem(await post(titled.url.replace("one", "two")), 403, "link_invalid");
      await expectProblem(await post(titled.url.replace(/title=[^&]*&/, "")), 403, "link_invalid");
      expect((await issue("/things-01")).url).toContain("/things-01?upload=");
    });

    test.each<[string, (url: string) => string]>([
      ["another endpoint", (url) => url.replace("/things", "/others")],
      ["the id of the endpoint", (url) => url.replace("/things", "/things-01")],
      ["one more parameter", (url) => `${url}&a=1`],
      ["a parameter before", (url) => url.replace("?", "?a=1&")],
      ["its parameter twice", (url) => `${url}&${url.split("?")[1] ?? ""}`],
      [
        "a changed character",
        (url) =>
          url.replace(/(upload=.{20})./, (_, start: string) => `${start}${url.includes(`${start}A`) ? "B" : "A"}`),
      ],
      ["a character less", (url) => url.slice(0, -1)],
      ["a character more", (url) => `${url}A`],
      ["padding", (url) => `${url}=`],
      ["no terms", (url) => url.replace(/upload=.*/, "upload=")],
      ["an escaped name", (url) => url.replace("upload=", "%75pload=")],
    ])("opens nothing with %s", async (_, change) => {
      const { url, id } = await issue("/things", { max_uploads: 9 });
      await expectProblem(await post(change(url)), 403, "link_invalid");
      expect(await uses(id)).toBe(0);
      await expectNothingLeft();
    });

    test("opens nothing by another method, and is no token elsewhere", async () => {
      const { url } = await issue("/things", { max_uploads: 9 });
      await expectProblem(await put(url), 403, "link_invalid");
      await expectProblem(await post((await issue("/things", { method: "PUT" })).url), 403, "link_invalid");
      const sealed = url.split("?")[1] ?? "";
      await expectProblem(await post(`/no-links?${sealed}`), 401, "unauthorized");
      for (const [path, method] of [
        ["/things/links", "GET"],
        ["/things/links", "POST"],
        ["/things/links", "DELETE"],
      ] as const) {
        await expectProblem(await call(`${path}?${sealed}`, { method }), 401, "unauthorized");
      }
      await expectProblem(await call(`/delete-some?${sealed}`, { method: "POST", body: "[]" }), 401, "unauthorized");
    });

    test("says nothing of who is behind it", async () => {
      const { url } = await issue("/things", { fields: { secret: "hidden" } }, "ann");
      const sealed = atob((url.split("upload=")[1] ?? "").replaceAll("-", "+").replaceAll("_", "/"));
      for (const word of ["ann", "hidden", "things", "b.example"]) expect(sealed).not.toContain(word);
    });

    test("has a size", async () => {
      const { url, id } = await issue("/things", { max_uploads: 9, max_bytes: 10 });
      await dataOf(await post(url, [text("a".repeat(10))]));
      expect(await expectProblem(await post(url, [text("a".repeat(11))]), 413, "file_too_large")).toMatchObject({
        limit: 10,
      });
      expect(await uses(id)).toBe(1);
      await expectProblem(await ask("/things", { max_bytes: 100_001 }), 422, "payload_invalid");
    });

    test("has types", async () => {
      const { url } = await issue("/things", { max_uploads: 9, types: ["image/png"] });
      await expectProblem(await post(url, [text()]), 415, "file_type_not_allowed");
      await dataOf(await post(url, [picture]));
      for (const types of [["image/*"], ["*/*"], ["image/gif"], [], ["png"], [1], "image/png", ["image/x-new"]]) {
        await expectProblem(await ask("/things", { types }), 422, "payload_invalid");
      }
    });

    test("leaves types for what has to be sent", async () => {
      const { detail } = await expectProblem(await ask("/required", { types: ["text/plain"] }), 422, "payload_invalid");
      expect(detail).toBe('"types" leaves no type for "photo", which has to be sent.');
      const { url, types } = await issue("/required", { types: ["image/png"], max_bytes: null });
      expect(types).toEqual(["image/png"]);
      await expectProblem(
        await post(url, [{ ...picture, name: "photo" }, text("a", "note")]),
        415,
        "file_type_not_allowed",
      );
      await dataOf(await post(url, [{ ...picture, name: "photo" }]));
    });

    test("has a number of files for each of its uploads", async () => {
      const { url, id } = await issue("/things", { max_uploads: 2, max_files: 2 });
      await dataOf(await post(url, [text("a"), text("b")]));
      await expectProblem(await post(url, [text("a"), text("b"), text("c")]), 422, "too_many_files");
      expect(await uses(id)).toBe(1);
      await expectProblem(await ask("/things", { max_files: 5 }), 422, "payload_invalid");
    });

    test("has the rules of named fields, and one number for all of them", async () => {
      const { url, id } = await issue("/fields", { max_uploads: 9, max_files: 2, max_bytes: 500 });
      await dataOf(await post(url, [{ ...picture, name: "photo" }, text("a", "note")]));
      await expectProblem(
        await post(url, [text("a", "note"), text("b", "note"), text("c", "note")]),
        422,
        "too_many_files",
      );
      await expectProblem(await post(url, [text("a".repeat(501), "note")]), 413, "file_too_large");
      await expectProblem(await post(url, [field("note", "no file")]), 422, "file_missing");
      const notes = await issue("/fields", { types: ["text/plain"] });
      await expectProblem(await post(notes.url, [{ ...picture, name: "photo" }]), 415, "file_type_not_allowed");
      expect(await uses(id)).toBe(1);
    });

    test("sets fields, which the client can send and not change", async () => {
      const { url, id } = await issue("/folders", { max_uploads: 9, fields: { album: "summer" } });
      const keyOf = async (response: Response) =>
        (await dataOf<readonly Record<string, string>[]>(response))[0]?.["storage_key"];
      expect(await keyOf(await post(url))).toMatch(/^in\/summer\//);
      expect(await keyOf(await post(url, [field("album", "summer"), text()]))).toMatch(/^in\/summer\//);
      for (const parts of [
        [field("album", "winter"), text()],
        [text(), field("album", "winter")],
        [field("album", "summer"), field("album", "summer"), text()],
      ]) {
        expect(await expectProblem(await post(url, parts), 422, "payload_invalid")).toMatchObject({ field: "album" });
      }
      expect(await uses(id)).toBe(2);
      for (const fields of [{ album: 1 }, { "": "x" }, ["x"], { album: "x".repeat(4000) }]) {
        await expectProblem(await ask("/folders", { fields }), 422, "payload_invalid");
      }
    });

    test("has an address", async () => {
      const { url } = await issue("/things", { ip: "203.0.113.7" });
      await expectProblem(await post(url), 403, "link_invalid");
      await expectProblem(await post(url, [text()], { "CF-Connecting-IP": "203.0.113.8" }), 403, "link_invalid");
      await dataOf(await post(url, [text()], { "CF-Connecting-IP": "203.0.113.7" }));
      await expectProblem(await ask("/things", { ip: "localhost" }), 422, "payload_invalid");
    });
  });

  describe("asking", () => {
    test("keeps within the bounds of the endpoint", async () => {
      for (const terms of [
        { expires: 61 },
        { expires: 0 },
        { expires: 1.5 },
        { expires: "60" },
        { max_uploads: 6 },
        { max_uploads: 0 },
        { max_downloads: 1 },
        { method: "DELETE" },
      ]) {
        await expectProblem(await ask("/bounded", terms), 422, "payload_invalid");
      }
      const { expires_at: end, issued_at: start } = await issue("/bounded", { max_uploads: 5 });
      expect(Date.parse(end as string) - Date.parse(start as string)).toBeLessThanOrEqual(60_000);
      expect(await list("/bounded")).toHaveLength(1);
    });

    test("is for callers of the endpoint alone", async () => {
      await expectProblem(await call("/things/links", { method: "POST" }), 401, "unauthorized");
      await expectProblem(await call("/things/links"), 401, "unauthorized");
      await expectProblem(await call("/things/links/x", { method: "DELETE" }), 401, "unauthorized");
      await expectProblem(await ask("/no-links"), 404, "resource_not_found");
      await expectProblem(await ask("/paused"), 503, "maintenance");
      await expectProblem(await ask("/things", {}, "ann", { "idempotency-key": "k" }), 422, "idempotency_key_invalid");
      await expectProblem(
        await ask("/things", {}, "ann", { "content-type": "text/plain" }),
        415,
        "content_type_unsupported",
      );
      const bare = await call("/things/links", { method: "POST", headers: await headersOf("ann") });
      expect(await dataOf(bare)).toMatchObject({ max_uploads: 1 });
    });

    test("is answered to preflights, and with what there is", async () => {
      const allow = async (path: string) => (await call(path, { method: "OPTIONS" })).headers.get("allow");
      expect(await allow("/things/links")).toBe("GET, POST, DELETE, OPTIONS");
      expect(await allow("/things/links/x")).toBe("DELETE, OPTIONS");
      expect(await allow("/no-links/links")).toBeNull();
      expect(await allow((await issue("/things")).url)).toBe("POST, PUT, OPTIONS");
      const wrong = await expectProblem(await call("/things/links", { method: "PUT" }), 405, "method_not_allowed");
      expect(wrong["status"]).toBe(405);
      await expectProblem(
        await call("/things/links/x", { headers: await headersOf("ann") }),
        405,
        "method_not_allowed",
      );
    });
  });
}
