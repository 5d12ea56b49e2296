/** This version's Worker on the tables of the next one, which has added a table and a column: what a deployment meets for a while. */
import { env } from "cloudflare:workers";
import { expect, test } from "vitest";
import { as, createCaller } from "../../../support/app.ts";
import { readStored, useFreshStorage } from "../../../support/database.ts";
import { runSweep } from "../../../support/build.ts";
import { planOf, queryStep } from "../../../support/plans.ts";
import { listOf, uploadedBy, user } from "../file-api/support.ts";

useFreshStorage();

const listing = planOf([queryStep({ sql: "SELECT id, owner FROM files", parameters: [] })]);

test("files stored before are there, and all goes on", async () => {
  const call = createCaller([listing]);
  const ann = user("ann", call);
  const before = await uploadedBy(ann);
  await env.DB.batch([
    env.DB.prepare("ALTER TABLE sluice_files ADD later text DEFAULT 'x' NOT NULL"),
    env.DB.prepare("ALTER TABLE sluice_links ADD later text"),
    env.DB.prepare("CREATE TABLE sluice_later (id text PRIMARY KEY NOT NULL)"),
  ]);
  const after = await uploadedBy(ann);
  expect((await listOf(ann)).data.map(({ _id }) => _id).toSorted()).toEqual([before._id, after._id].toSorted());
  const one = await (await ann.send(`/v1/upload/${before._id}`)).json<{ data: unknown }>();
  expect(one.data).toEqual(before);
  expect((await call("/healthz")).status).toBe(200);
  expect((await call("/test", { method: "POST", headers: await as("ann") })).status).toBe(200);
  expect((await ann.send(`/v1/upload/${before._id}`, { method: "DELETE" })).status).toBe(200);
  await runSweep(env);
  expect((await readStored()).files).toMatchObject([{ later: "x" }, { later: "x" }]);
});
