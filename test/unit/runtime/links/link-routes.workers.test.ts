import { env } from "cloudflare:workers";
import { describe, expect, test } from "vitest";
import { useFreshStorage } from "../../../support/database.ts";
import { bytes, callFileApi, open, storeFile } from "./support.ts";

useFreshStorage();

interface LinkDocument {
  readonly id: string;
  readonly url?: string;
  readonly state: string;
}

const post = (id: string, body?: unknown, caller = "42") => callFileApi(`/${id}/links`, caller, "POST", body);
const listed = async (id: string) => (await callFileApi(`/${id}/links`, "42")).data as readonly LinkDocument[];

test("issues a link with limits, and lists it without its address", async () => {
  const { id } = await storeFile();
  const terms = { expires: 120, max_downloads: 3, ip: "2001:DB8::1", disposition: 'attachment; filename="b.png"' };
  const { status, data } = await post(id, terms);
  expect(status).toBe(200);
  const link = data as LinkDocument & { readonly issued_at: string; readonly expires_at: string };
  expect(link).toMatchObject({ kind: "worker", state: "live", max_downloads: 3, downloads: 0, ip: "2001:db8::1" });
  // A link's life begins with a whole second.
  expect([119, 120]).toContain(Math.round((Date.parse(link.expires_at) - Date.parse(link.issued_at)) / 1000));
  const answer = await open(link.url ?? "", { "CF-Connecting-IP": "2001:db8::1" });
  expect([answer.length, answer.headers.get("content-disposition")]).toEqual([
    bytes.length,
    'attachment; filename="b.png"',
  ]);
  expect(await open(link.url ?? "", { "CF-Connecting-IP": "2001:db8::2" })).toMatchObject({ code: "link_invalid" });
  const { url, ...row } = link;
  expect(url).toContain("X-Amz-Signature=");
  expect(await listed(id)).toEqual([{ ...row, downloads: 1 }]);
  expect(JSON.stringify(await listed(id))).not.toMatch(/X-Amz|signature/i);
});

test("a body is not needed", async () => {
  const { id } = await storeFile();
  for (const body of [undefined, {}, { max_downloads: null, ip: null, disposition: null }]) {
    const { data } = await post(id, body);
    expect(await open((data as LinkDocument).url ?? "")).toMatchObject({ status: 200 });
  }
  expect(await listed(id)).toHaveLength(3);
});

const impossible: readonly unknown[] = [
  { expires: 0 },
  { expires: 604_801 },
  { expires: 1.5 },
  { expires: "60" },
  { expires: null },
  { max_downloads: 0 },
  { max_downloads: 1_000_001 },
  { max_downloads: true },
  { ip: "localhost" },
  { ip: "10.0.0.0/8" },
  { ip: "" },
  { ip: 7 },
  { disposition: "form-data" },
  { disposition: "inline; x=y" },
  { disposition: `inline; filename="${"a".repeat(2048)}"` },
  { disposition: 'attachment; filename="\ud800"' },
  { disposition: 'attachment; filename="a"\r\nSet-Cookie: a=b' },
  { maxDownloads: 1 },
  JSON.parse('{"__proto__": 1}'),
  [],
  "x",
  1,
];

test("refuses what no link can have", async () => {
  const { id } = await storeFile();
  for (const body of impossible) {
    expect([body, await post(id, body)]).toMatchObject([body, { status: 422, code: "payload_invalid" }]);
  }
  expect((await env.DB.prepare("SELECT id FROM sluice_links").all()).results).toEqual([]);
});

test("takes the least and the most that a link can have", async () => {
  const { id } = await storeFile();
  for (const body of [{ expires: 1 }, { expires: 604_800 }, { max_downloads: 1 }, { max_downloads: 1_000_000 }]) {
    expect([body, await post(id, body)]).toMatchObject([body, { status: 200 }]);
  }
});

test("revokes the links of one file, then all of the owner's", async () => {
  const [one, two] = [await storeFile(), await storeFile()];
  const urlOf = async (id: string) => ((await post(id)).data as LinkDocument).url ?? "";
  const [first, second] = [await urlOf(one.id), await urlOf(two.id)];
  expect(await callFileApi(`/${one.id}/links`, "42", "DELETE")).toMatchObject({ status: 200 });
  expect(await open(first)).toMatchObject({ code: "link_revoked" });
  expect(await open(second)).toMatchObject({ status: 200 });
  const third = await urlOf(one.id);
  expect(await open(third)).toMatchObject({ status: 200 });
  expect((await listed(one.id)).map(({ state }) => state).toSorted()).toEqual(["live", "revoked"]);
  expect(await callFileApi("/links", "7", "DELETE")).toMatchObject({ status: 200 });
  expect(await open(second)).toMatchObject({ status: 200 });
  expect(await callFileApi("/links", "42", "DELETE")).toMatchObject({ status: 200 });
  for (const url of [first, second, third]) expect(await open(url)).toMatchObject({ code: "link_revoked" });
  expect((await listed(one.id)).map(({ state }) => state)).toEqual(["revoked", "revoked"]);
});

test("says of a link that it is used up, or expired", async () => {
  const { id } = await storeFile();
  const { data } = await post(id, { max_downloads: 1 });
  await open((data as LinkDocument).url ?? "");
  expect(await listed(id)).toMatchObject([{ state: "used_up", downloads: 1 }]);
  await env.DB.prepare("UPDATE sluice_links SET expires_at = ?")
    .bind(new Date(Date.now() - 1).toISOString())
    .run();
  expect(await listed(id)).toMatchObject([{ state: "expired" }]);
});

describe("a foreign file is one that does not exist", () => {
  test.each(["GET", "POST", "DELETE"])("for %s", async (method) => {
    const { id } = await storeFile();
    const gone = await storeFile();
    await env.DB.prepare("UPDATE sluice_files SET status = 'deleted' WHERE id = ?").bind(gone.id).run();
    const answers = await Promise.all([
      callFileApi(`/${id}/links`, "7", method),
      callFileApi(`/${"f".repeat(24)}/links`, "7", method),
      callFileApi("/no-id/links", "7", method),
      callFileApi(`/${gone.id}/links`, "42", method),
    ]);
    for (const answer of answers) expect(answer).toMatchObject({ status: 404, code: "file_not_found" });
    expect((await env.DB.prepare("SELECT id FROM sluice_links").all()).results).toEqual([]);
    expect((await env.DB.prepare("SELECT sum(link_epoch) AS n FROM files").first())?.["n"]).toBe(0);
  });
});

test("other methods and addresses", async () => {
  const { id } = await storeFile();
  expect(await callFileApi(`/${id}/links`, "42", "PUT")).toMatchObject({ status: 405 });
  expect(await callFileApi("/links", "42", "GET")).toMatchObject({ status: 405 });
  expect(await callFileApi(`/${id}/links/x`, "42", "GET")).toMatchObject({ status: 404 });
  expect(await callFileApi("/links/x", "42", "DELETE")).toMatchObject({ status: 404 });
});
