/** Against a server that runs: `npx sluice dev`, then `npm test`. */
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { randomUUID } from "node:crypto";
import { readFile } from "node:fs/promises";
import { test } from "node:test";

const origin = process.env.ORIGIN ?? "http://localhost:8787";
const pdf = await readFile("samples/lunch.pdf");

/** Somebody without receipts. */
function newCaller() {
  const id = randomUUID();
  const token = execFileSync("npx", ["sluice", "token", "--id", id], { encoding: "utf8" }).trim();
  const call = async (path, init) => {
    const answer = await fetch(origin + path, { ...init, headers: { authorization: `Bearer ${token}` } });
    return { status: answer.status, ...(await answer.json()) };
  };
  return {
    get: (path) => call(path),
    post: (path) => call(path, { method: "POST" }),
    add(fields = {}, bytes = pdf) {
      const body = new FormData();
      const defaults = { cents: "1250", spent_on: "2026-11-28" };
      for (const [name, value] of Object.entries({ ...defaults, ...fields })) body.set(name, value);
      body.set("file", new Blob([bytes]), "lunch.pdf");
      return call("/receipts", { method: "POST", body });
    },
  };
}

test("a receipt is listed with a link that opens the file as it was sent", async () => {
  const ada = newCaller();
  const added = await ada.add();
  assert.deepEqual([added.data.name, added.data.cents, added.data.spent_on], ["lunch.pdf", 1250, "2026-11-28"]);
  const [listed] = (await ada.get("/receipts")).data;
  assert.equal(listed.id, added.data.id);
  const file = await fetch(listed.download_url);
  assert.deepEqual(Buffer.from(await file.arrayBuffer()), pdf);
});

test("a list has the newest first, between two days, and no more than asked for", async () => {
  const ada = newCaller();
  for (const day of ["2026-11-01", "2026-11-03", "2026-11-02"]) await ada.add({ spent_on: day });
  const days = async (query) => (await ada.get(`/receipts${query}`)).data.map(({ spent_on }) => spent_on);
  assert.deepEqual(await days(""), ["2026-11-03", "2026-11-02", "2026-11-01"]);
  assert.deepEqual(await days("?from=2026-11-02"), ["2026-11-03", "2026-11-02"]);
  assert.deepEqual(await days("?to=2026-11-02&limit=1"), ["2026-11-02"]);
});

test("what is wrong is said, and nothing is stored", async () => {
  const ada = newCaller();
  for (const [name, value] of Object.entries({ cents: "12.5", spent_on: "2026-02-30" })) {
    const refused = await ada.add({ [name]: value });
    assert.deepEqual([refused.status, refused.errors[0].pointer], [422, `/${name}`]);
  }
  assert.equal((await ada.add({}, "<script>alert(1)</script>")).status, 415);
  for (const query of ["?limit=0", "?limit=101", "?from=yesterday", "?page=2", "?limit=1&limit=2"]) {
    assert.equal((await ada.get(`/receipts${query}`)).status, 422, query);
  }
  assert.deepEqual((await ada.get("/receipts")).data, []);
});

test("nobody sees or deletes what is another's", async () => {
  const [ada, eve] = [newCaller(), newCaller()];
  const { data } = await ada.add();
  assert.equal((await eve.get(`/receipts/${data.id}`)).status, 404);
  assert.equal((await eve.post(`/receipts/${data.id}/delete`)).status, 404);
  assert.deepEqual((await eve.get("/receipts")).data, []);
  assert.equal((await ada.get(`/receipts/${data.id}`)).data.name, "lunch.pdf");
});

test("a deleted receipt is gone, with its file and the links to it", async () => {
  const ada = newCaller();
  const { data } = await ada.add();
  const { download_url: link } = (await ada.get(`/receipts/${data.id}`)).data;
  assert.equal((await fetch(link)).status, 200);
  assert.equal((await ada.post(`/receipts/${data.id}/delete`)).status, 200);
  assert.equal((await fetch(link)).status, 404);
  assert.equal((await ada.get(`/receipts/${data.id}`)).status, 404);
  assert.equal((await ada.post(`/receipts/${data.id}/delete`)).status, 404);
});
