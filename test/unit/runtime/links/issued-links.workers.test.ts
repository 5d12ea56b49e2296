import { env } from "cloudflare:workers";
import { expect, test } from "vitest";
import type { Plan } from "../../../../src/contract/plan.ts";
import { readSettings } from "../../../../src/runtime/settings.ts";
import { as, createCaller, dataOf, upload } from "../../../support/app.ts";
import { useFreshStorage } from "../../../support/database.ts";
import { png } from "../../../support/pictures.ts";
import { planOf, queryStep, uploadStep } from "../../../support/plans.ts";
import { open, origin } from "./support.ts";

useFreshStorage();

const R2 = {
  LINKS: "r2",
  R2_ACCESS_KEY_ID: "key",
  R2_SECRET_ACCESS_KEY: "secret",
  R2_ACCOUNT_ID: "0123456789abcdef0123456789abcdef",
  R2_BUCKET_NAME: "sluice-files",
};
type Answer = { id: string; url: string; download_url: string; storage_key: string }[];

async function send(plan: Plan, bindings = {}, headers = {}, parts = 1) {
  const files = Array.from({ length: parts }, () => ({ fileName: "a b.png", body: png([1, 2, 3]) }));
  return upload(createCaller([plan], bindings), "/test", await as("u1", headers), files);
}

const auditRows = async () => (await env.DB.prepare("SELECT * FROM sluice_links ORDER BY id").all()).results;

test("each download_url of an upload has its row before it leaves", async () => {
  const response = await send(
    planOf([uploadStep({ visibility: "private" })]),
    {},
    { "CF-Connecting-IP": "2001:DB8::9" },
    2,
  );
  const files = await dataOf<Answer>(response);
  const rows = await auditRows();
  expect(rows).toHaveLength(2);
  for (const { id, download_url: url } of files) {
    const { searchParams } = new URL(url);
    expect(rows.find((row) => row["id"] === searchParams.get("X-Sluice-Link"))).toMatchObject({
      file_id: id,
      owner: "u1",
      kind: "worker",
      epoch: 0,
      bound_ip: null,
      max_downloads: null,
      request_id: response.headers.get("x-request-id"),
      client_ip: "2001:db8::9",
    });
    const [row] = rows;
    expect(Date.parse(String(row?.["expires_at"])) - Date.parse(String(row?.["issued_at"]))).toBeGreaterThan(899_000);
    expect(await open(url)).toMatchObject({ status: 200 });
  }
});

test("a link of an upload carries its owner's epoch", async () => {
  await env.DB.prepare("INSERT INTO sluice_link_epochs (scope, epoch) VALUES ('owner:u1', 2), ('all', 3)").run();
  const [file] = await dataOf<Answer>(await send(planOf([uploadStep()])));
  expect(new URL(file?.download_url ?? "").searchParams.get("X-Sluice-Epoch")).toBe("5");
  expect(await open(file?.download_url ?? "")).toMatchObject({ status: 200 });
});

test("an upload that answers no download_url issues none", async () => {
  const plan = planOf([uploadStep({ issuesLinks: false })]);
  const [file] = await dataOf<Answer>(await send(plan));
  expect(file).toMatchObject({ download_url: null });
  expect(await auditRows()).toEqual([]);
});

test("an upload that fails leaves no row of a link", async () => {
  const failing = queryStep({ sql: "INSERT INTO gallery (id) VALUES (NULL)" });
  expect((await send(planOf([uploadStep(), failing]))).ok).toBe(false);
  expect(await auditRows()).toEqual([]);
});

test("LINKS=r2 answers with links on R2, recorded as such", async () => {
  const [file] = await dataOf<Answer>(await send(planOf([uploadStep({ expiresSeconds: 60 })]), R2));
  const url = new URL(file?.download_url ?? "");
  expect(url.origin + url.pathname).toBe(
    `https://${R2.R2_ACCOUNT_ID}.r2.cloudflarestorage.com/sluice-files/${file?.storage_key}`,
  );
  expect(Object.fromEntries(url.searchParams)).toMatchObject({
    "response-content-disposition": 'inline; filename="a b.png"',
    "response-content-type": "image/png",
  });
  // No longer than the file lives: R2 does not know when it ends.
  expect(Number(url.searchParams.get("X-Amz-Expires"))).toBeLessThanOrEqual(60);
  expect(await auditRows()).toMatchObject([{ file_id: file?.id, kind: "r2", epoch: 0 }]);
  expect(file?.url).toBe(`${origin}/files/${file?.storage_key}`);
});

test.each([
  [{ R2_ACCESS_KEY_ID: "" }, "R2 over S3 needs what is not set: R2_ACCESS_KEY_ID"],
  [{ R2_ACCESS_KEY_ID: "", R2_BUCKET_NAME: "" }, "R2 over S3 needs what is not set: R2_ACCESS_KEY_ID, R2_BUCKET_NAME"],
  [{ R2_ACCOUNT_ID: "my-account" }, "R2_ACCOUNT_ID must be 32 hex digits"],
  [{ LINKS: "s3" }, "LINKS is s3; known are worker|r2"],
  [{ R2_S3_ENDPOINT: "eu" }, "R2_S3_ENDPOINT must be an address"],
  [{ LINK_AUDIT_DAYS: "-1" }, "LINK_AUDIT_DAYS must be a whole number"],
])("%j is a deployment that is not configured, and the log says why", (change, reason) => {
  expect(() => readSettings({ ...env, ...R2, ...change })).toThrow(reason);
});

test("the endpoint of a jurisdiction", () => {
  const endpoint = `https://${R2.R2_ACCOUNT_ID}.eu.r2.cloudflarestorage.com`;
  expect(readSettings({ ...env, ...R2, R2_S3_ENDPOINT: `${endpoint}/` }).r2Links).toEqual({
    endpoint,
    bucket: "sluice-files",
    accessKeyId: "key",
    secret: "secret",
  });
  expect(readSettings({ ...env, ...R2, LINKS: "worker" }).r2Links).toBeNull();
  expect(readSettings({ ...env, R2_ACCESS_KEY_ID: "key" }).r2Links).toBeNull();
});
