/** Against a server that runs: `npx sluice dev`, then `npm test`. */
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { randomUUID } from "node:crypto";
import { readFile } from "node:fs/promises";
import { test } from "node:test";

const origin = process.env.ORIGIN ?? "http://localhost:8787";
const passport = await readFile("samples/passport.pdf");
const selfie = await readFile("samples/selfie.jpg");

function newCaller(...claims) {
  const options = ["--id", randomUUID(), ...claims.flatMap((claim) => ["--claim", claim])];
  const token = execFileSync("npx", ["sluice", "token", ...options], { encoding: "utf8" }).trim();
  const call = async (path, init = {}) => {
    const headers = { ...init.headers, authorization: `Bearer ${token}` };
    const answer = await fetch(origin + path, { ...init, headers });
    return { status: answer.status, ...(await answer.json()) };
  };
  return {
    get: (path) => call(path),
    post: (path, value = {}) =>
      call(path, { method: "POST", headers: { "content-type": "application/json" }, body: JSON.stringify(value) }),
    /** Parts are sent in the order in which they stand here. */
    apply(parts) {
      const body = new FormData();
      for (const [name, value] of parts) {
        if (typeof value === "string") body.append(name, value);
        else body.append(name, new Blob([value]), `${name}.bin`);
      }
      return call("/applications", { method: "POST", body });
    },
  };
}

const texts = [
  ["full_name", "Ada Lovelace"],
  ["born_on", "1815-12-10"],
  ["country", "GB"],
];
const files = [
  ["document", passport],
  ["selfie", selfie],
];
const reviewer = newCaller("role=reviewer");
const applicationOf = async (id) => (await reviewer.get("/applications")).data.find((found) => found.id === id);
const bytesOf = async (url) => Buffer.from(await (await fetch(url)).arrayBuffer());

test("in whatever order the parts come, the document is the document and the selfie the selfie", async () => {
  const orders = [
    [...texts, ...files],
    [...files, ...texts],
    [files[1], texts[0], files[0], texts[1], texts[2]],
  ];
  for (const order of orders) {
    const { status, data } = await newCaller().apply(order);
    assert.equal(status, 200);
    const found = await applicationOf(data.id);
    assert.deepEqual(await bytesOf(found.document_url), passport);
    assert.equal((await bytesOf(found.selfie_url)).subarray(0, 2).toString("hex"), "ffd8");
    await reviewer.post(`/applications/${data.id}/approve`);
  }
});

test("a missing file, one too many, one of another name or type: 422 or 415, and nothing is kept", async () => {
  const ada = newCaller();
  const wrong = {
    "no selfie": [[...texts, files[0]], 422],
    "two selfies": [[...texts, ...files, files[1]], 422],
    "another name": [[...texts, ...files, ["passport", passport]], 422],
    "a document as selfie": [[...texts, files[0], ["selfie", passport]], 415],
    "no name": [[...texts.slice(1), ...files], 422],
    "no country": [[...texts.slice(0, 2), ["country", "Mars"], ...files], 422],
  };
  for (const [what, [parts, status]] of Object.entries(wrong))
    assert.equal((await ada.apply(parts)).status, status, what);
  assert.equal((await ada.get("/applications/mine")).data, null);
});

test("only reviewers see applications, and decide once", async () => {
  const ada = newCaller();
  const { data } = await ada.apply([...texts, ...files]);
  assert.equal((await ada.get("/applications")).status, 403);
  assert.equal((await ada.post(`/applications/${data.id}/approve`)).status, 403);
  assert.equal((await reviewer.post(`/applications/${data.id}/approve`)).data.status, "approved");
  assert.equal((await reviewer.post(`/applications/${data.id}/reject`, { reason: "late" })).status, 404);
  assert.equal((await ada.get("/applications/mine")).data.status, "approved");
});

test("who is rejected reads why, and the files are gone", async () => {
  const ada = newCaller();
  const { data } = await ada.apply([...texts, ...files]);
  const { document_url: link } = await applicationOf(data.id);
  assert.equal((await reviewer.post(`/applications/${data.id}/reject`)).status, 422, "a reason is needed");
  assert.equal((await fetch(link)).status, 200);
  assert.equal((await reviewer.post(`/applications/${data.id}/reject`, { reason: "The selfie is dark" })).status, 200);
  assert.equal((await fetch(link)).status, 404);
  const mine = (await ada.get("/applications/mine")).data;
  assert.deepEqual([mine.status, mine.reason], ["rejected", "The selfie is dark"]);
});

test("one application a caller", async () => {
  const ada = newCaller();
  assert.equal((await ada.apply([...texts, ...files])).status, 200);
  assert.equal((await ada.apply([...texts, ...files])).status, 409);
});
