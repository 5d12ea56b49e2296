/** By a link files come in pieces as well: its use is taken when the upload is created, and only the link reaches that. */
import { beforeEach, describe, expect, test } from "vitest";
import { dataOf, expectProblem } from "../../../support/app.ts";
import { addressOf, CHUNK, tusClient } from "../../../support/tus.ts";
import { createLinks, startAnew, twoHoursLater, type Link, type LinkHarness } from "./harness.ts";

const PAST = "2026-01-01T00:00:00.000Z";
const metadata = { filename: "a.txt", filetype: "text/plain" };

export function describePieces(harness: LinkHarness): void {
  const { run } = harness;
  const { call, headersOf, issue, revoke, uses, statuses, sweep, expectNothingLeft } = createLinks(harness);
  const clientOf = ({ url }: Link) => tusClient(call, url, {});
  const begin = async (link: Link, length = 10) => {
    const created = await clientOf(link).create(length, metadata);
    expect([created.status, await created.text()]).toEqual([201, ""]);
    return addressOf(created);
  };

  beforeEach(() => startAnew(harness));

  describe("an upload in pieces by a link", () => {
    test("stores one file for whoever has given it, with the link's fields", async () => {
      const link = await issue("/pieces", { fields: { title: "mine" } });
      const client = clientOf(link);
      const address = await begin(link);
      expect(address).toContain("?upload=");
      expect([await uses(link.id), await statuses()]).toEqual([1, ["pending"]]);
      expect((await client.patch(address, 0, "01234")).status).toBe(204);
      expect((await client.head(address)).headers.get("upload-offset")).toBe("5");
      expect((await client.patch(address, 5, "56789")).status).toBe(204);
      expect(await dataOf(await client.get(address))).toEqual({ owner: "ann", title: "mine" });
      expect([await uses(link.id), await statuses()]).toEqual([1, ["stored"]]);
      expect(await run("SELECT owner, upload_link FROM sluice_files")).toEqual([
        { owner: "ann", upload_link: link.id },
      ]);
      await expectProblem(await client.create(10, metadata), 410, "link_used_up");
    });

    test("may begin with its bytes, and be answered", async () => {
      const { url } = await issue("/pieces");
      const headers = { ...CHUNK, "upload-length": "10", prefer: "return=representation" };
      const title = `title ${btoa("x")},filename ${btoa("a.txt")}`;
      const created = await call(url, {
        method: "POST",
        headers: { ...headers, "upload-metadata": title },
        body: "0123456789",
      });
      expect([created.status, (await created.json<{ data: unknown }>()).data]).toEqual([
        200,
        { owner: "ann", title: "x" },
      ]);
    });

    test("is within its terms", async () => {
      const small = clientOf(await issue("/pieces", { max_bytes: 9 }));
      await expectProblem(await small.create(10, metadata), 413, "file_too_large");
      const pictures = clientOf(await issue("/pieces", { types: ["image/png"] }));
      await expectProblem(
        await pictures.create(10, { filename: "a", filetype: "image/gif" }),
        415,
        "file_type_not_allowed",
      );
      const titled = clientOf(await issue("/pieces", { fields: { title: "mine" } }));
      await expectProblem(await titled.create(10, { ...metadata, title: "else" }), 422, "payload_invalid");
      await expectProblem(await clientOf(await issue("/pieces", { method: "PUT" })).create(10), 403, "link_invalid");
      await expectNothingLeft();
    });

    test("whose type is another one than the link's gives the use back", async () => {
      const link = await issue("/pieces", { types: ["image/png"] });
      const created = await clientOf(link).create(10, { filename: "a.png" });
      const patched = await clientOf(link).patch(addressOf(created), 0, "0123456789");
      await expectProblem(patched, 415, "file_type_not_allowed");
      expect(await uses(link.id)).toBe(0);
      await expectNothingLeft();
    });

    test("is reached by that link alone", async () => {
      const link = await issue("/pieces");
      const address = await begin(link);
      const other = (await issue("/pieces")).url.split("?")[1] ?? "";
      const bare = address.split("?")[0] ?? "";
      const tus = { "tus-resumable": "1.0.0" };
      const reach = async (to: string, headers: Readonly<Record<string, string>> = {}) =>
        (await call(to, { method: "HEAD", headers: { ...tus, ...headers } })).status;
      expect(await reach(address)).toBe(200);
      expect(await reach(address, await headersOf("bob"))).toBe(200);
      expect(await reach(`${bare}?${other}`)).toBe(404);
      expect(await reach(bare)).toBe(401);
      expect(await reach(bare, await headersOf("ann"))).toBe(404);
      expect(await reach(`${address}&a=1`)).toBe(403);
    });

    test("that is ended, or never goes on, gives the use back", async () => {
      const link = await issue("/pieces");
      expect((await clientOf(link).end(await begin(link))).status).toBe(204);
      expect(await uses(link.id)).toBe(0);
      await begin(link);
      await run(`UPDATE sluice_files SET resumable_until = '${PAST}', updated_at = '${PAST}'`);
      await sweep();
      expect(await uses(link.id)).toBe(0);
      await begin(link);
    });

    test("goes on when the link's life is over, and not when it was revoked", async () => {
      const [link, revoked] = [await issue("/pieces"), await issue("/pieces", { expires: 10_000 })];
      const [one, other] = [await begin(link), await begin(revoked)];
      await twoHoursLater(async () => {
        expect((await clientOf(link).patch(one, 0, "0123456789")).status).toBe(204);
        await expectProblem(await clientOf(link).create(10, metadata), 410, "link_expired");
        expect((await revoke("/pieces/links")).status).toBe(200);
        await expectProblem(await clientOf(link).get(one), 410, "link_revoked");
        await expectProblem(await clientOf(revoked).patch(other, 0, "0123456789"), 410, "link_revoked");
      });
    });
  });
}
