/** Against a server that runs: `npx sluice dev`, then `npm test`. */
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { readFile } from "node:fs/promises";
import { test } from "node:test";

const origin = process.env.ORIGIN ?? "http://localhost:8787";
const tokenOf = (id) => execFileSync("npx", ["sluice", "token", "--id", id], { encoding: "utf8" }).trim();
const ada = tokenOf("ada");
const photograph = await readFile("samples/me.jpg");

async function upload(token, bytes = photograph, name = "me.jpg") {
  const body = new FormData();
  body.set("file", new Blob([bytes]), name);
  const answer = await fetch(`${origin}/avatar`, {
    method: "POST",
    headers: { authorization: `Bearer ${token}` },
    body,
  });
  return { status: answer.status, ...(await answer.json()) };
}

test("an avatar is public, upright in its sizes, and tells nothing of where it was taken", async () => {
  const { status, data } = await upload(ada);
  assert.equal(status, 200);
  assert.deepEqual([data.width, data.height], [270, 360]);
  const stored = Buffer.from(await (await fetch(data.url)).arrayBuffer());
  assert.ok(photograph.includes("Aitzol Berasategi") && !stored.includes("Aitzol Berasategi"));
});

test("the next one takes its place, and nobody else's", async () => {
  const bob = await upload(tokenOf("bob"));
  const first = await upload(ada);
  const second = await upload(ada);
  const found = [first, second, bob].map(async ({ data }) => (await fetch(data.url)).status);
  assert.deepEqual(await Promise.all(found), [404, 200, 200]);
});

test("of six at once one stays", async () => {
  const answers = await Promise.all(Array.from({ length: 6 }, () => upload(ada)));
  const found = await Promise.all(answers.map(async ({ data }) => (await fetch(data.url)).status));
  assert.deepEqual(found.sort(), [200, ...Array.from({ length: 5 }, () => 404)]);
});

test("what is no picture, a cut one and one with something behind it are refused; the old one stays", async () => {
  const { data } = await upload(ada);
  const cut = photograph.subarray(0, photograph.length / 2);
  const hiding = Buffer.concat([photograph, Buffer.from("<script>alert(1)</script>")]);
  for (const [bytes, name] of [
    ["<svg/>", "me.svg"],
    [cut, "cut.jpg"],
    [hiding, "hiding.jpg"],
  ]) {
    assert.equal((await upload(ada, bytes, name)).status, 415, name);
  }
  assert.equal((await fetch(data.url)).status, 200);
});

test("without a token nothing is stored", async () => {
  assert.equal((await upload("")).status, 401);
});
