/** Whose an upload is: every request for it proves that anew. */
import { runInDurableObject } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { beforeEach, expect, test } from "vitest";
import { useFreshStorage } from "../../../support/database.ts";
import { token } from "../../../support/app.ts";
import { secrets } from "../../../support/secrets.ts";
import { tableOf } from "./endpoints.ts";
import { bytesOf, createUploads, objectOf, refused, rowOf, type Uploader } from "./harness.ts";

useFreshStorage();
beforeEach(async () => {
  await env.DB.prepare(tableOf("d1")).run();
});

const { clientOf, clientWith, files, things, count } = createUploads();

/** What the upload answers to each of its methods. */
async function statuses(client: Uploader, address: string): Promise<readonly number[]> {
  const answers: number[] = [];
  for (const ask of [
    (at: string) => client.head(at),
    (at: string) => client.get(at),
    (at: string) => client.patch(at, 400, bytesOf(600)),
    (at: string) => client.end(at),
  ]) {
    answers.push((await ask(address)).status);
  }
  return answers;
}

const secret = { secret: secrets.JWT_SECRET_KEY };
const nowhere = [404, 404, 404, 404];

test("a foreign upload is none, running and whole", async () => {
  const ann = await clientOf("/any");
  const address = await ann.begin(1000);
  await ann.patch(address, 0, bytesOf(400));
  expect(await statuses(await clientOf("/any", "ben"), address)).toEqual(nowhere);
  expect((await ann.patch(address, 400, bytesOf(600))).status).toBe(204);
  expect(await statuses(await clientOf("/any", "ben"), address)).toEqual(nowhere);
  expect(await rowOf(await ann.get(address))).toMatchObject({ file_size: 1000 });
});

test("nobody goes on with it without a token that holds", async () => {
  const ann = await clientOf("/any");
  const address = await ann.begin(1000);
  await ann.patch(address, 0, bytesOf(400));
  const tokens = [
    undefined,
    "nonsense",
    await token({ id: "ann" }, { ...secret, expires: -10 }),
    await token({ id: "ann" }, { secret: "another-secret-of-32-bytes-or-more" }),
    await token({}, secret),
    await token({ id: "" }, secret),
  ];
  for (const one of tokens) {
    const client = clientWith("/any", one === undefined ? {} : { "x-access-token": one });
    expect(await statuses(client, address), one).toEqual([401, 401, 401, 401]);
  }
  expect(await ann.offset(address)).toBe(400);
});

test("a new token of the same owner goes on", async () => {
  const address = await (await clientOf("/any")).begin(1000);
  expect((await (await clientOf("/any")).patch(address, 0, bytesOf(1000))).status).toBe(204);
  const renewed = clientWith("/any", { "x-access-token": await token({ id: "ann", more: "claims" }, secret) });
  expect((await renewed.get(address)).status).toBe(200);
});

test("an endpoint without tokens takes uploads of nobody, which are no named caller's", async () => {
  const nobody = await clientOf("/open", null);
  const address = await nobody.begin(1000);
  expect((await nobody.patch(address, 0, bytesOf(400))).status).toBe(204);
  expect(await statuses(await clientOf("/any", "ann"), address.replace("open-01", "any-01"))).toEqual(nowhere);
  expect((await nobody.patch(address, 400, bytesOf(600))).status).toBe(204);
  expect(await files()).toMatchObject([{ status: "stored", owner: null, endpoint: "open-01" }]);
});

test("the address holds at its own endpoint: another has limits, quotas and steps of its own", async () => {
  const ann = await clientOf("/any");
  const address = await ann.begin(1000, { id: "smuggled" });
  await ann.patch(address, 0, bytesOf(400));
  for (const endpoint of ["with-row-01", "box-01", "limited-01"]) {
    expect(await statuses(ann, address.replace("any-01", endpoint)), endpoint).toEqual(nowhere);
  }
  const open = await clientOf("/open", null);
  const large = await open.begin(5000);
  expect(await statuses(open, large.replace("open-01", "open-twin-01"))).toEqual(nowhere);
  expect([await things(), await count("box-01 ann")]).toEqual([[], null]);
  expect([await ann.offset(address), await open.offset(large)]).toEqual([400, 0]);
});

test("what is no address of an upload is nothing", async () => {
  const ann = await clientOf("/any");
  const address = await ann.begin(10);
  const id = address.split("/").at(-1) ?? "";
  const wrong = [
    address.replace(id, "f".repeat(64)),
    address.replace(id, "none"),
    address.replace(id, ""),
    `${address}/`,
    address.replace("any-01", "nothing"),
    address.replace("any-01/", ""),
    address.replace("any-01", "constructor"),
  ];
  for (const one of wrong) expect((await ann.head(one)).status, one).toBe(404);
  await refused(await ann.get(address.replace(id, "f".repeat(64))), 404, "resource_not_found");
});

test("no token is kept: each request brings its own", async () => {
  const ann = await clientOf("/any");
  const address = await ann.begin(1000, {}, { "x-album": "summer", cookie: "session=1" });
  const kept = await runInDurableObject(objectOf(address), (_, { storage }) =>
    JSON.stringify(storage.kv.get("creation")),
  );
  expect(kept).toContain('["x-album","summer"]');
  expect(kept).not.toContain(ann.headers["x-access-token"]);
  expect(kept).not.toContain("session=1");
});
