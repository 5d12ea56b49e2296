/** Against a server that runs: `npx sluice dev`, then `npm test`. */
import assert from "node:assert/strict";
import { randomInt, randomUUID } from "node:crypto";
import { readFile } from "node:fs/promises";
import { test } from "node:test";

const origin = process.env.ORIGIN ?? "http://localhost:8787";
const password = "correct horse battery";
const picture = await readFile("samples/sunset.jpg");

/** Somebody in a network of their own: on this machine the header says which; at Cloudflare no client can set it. */
function newcomer() {
  const network = ["203", randomInt(256), randomInt(256), randomInt(256)].join(".");
  const call = async (path, init = {}) => {
    const own = {
      "cf-connecting-ip": network,
      ...(user.token === "" ? {} : { authorization: `Bearer ${user.token}` }),
    };
    const answer = await fetch(origin + path, { ...init, headers: { ...own, ...init.headers } });
    return { ...(await answer.json()), status: answer.status, headers: answer.headers };
  };
  const post = (path, payload) => {
    const headers = { "content-type": "application/json" };
    return call(path, { method: "POST", headers, body: JSON.stringify(payload) });
  };
  const user = {
    token: "",
    email: `${randomUUID()}@example.com`,
    post,
    get: (path) => call(path),
    signUp: (email, secret = password) => post("/sign-up", { email, password: secret }),
    signIn: (email, secret = password) => post("/sign-in", { email, password: secret }),
    upload(...files) {
      const body = new FormData();
      for (const [name, bytes] of files) body.append("file", new Blob([bytes]), name);
      return call("/gallery", { method: "POST", body });
    },
  };
  return user;
}

/** Somebody who has an account, and is in. */
async function newUser() {
  const user = newcomer();
  const { status, data } = await user.signUp(user.email);
  assert.equal(status, 200);
  user.token = data.token;
  return user;
}

test("who signs up is in, and neither the password nor its hash is told", async () => {
  const ada = newcomer();
  const { status, data, headers } = await ada.signUp(ada.email.toUpperCase());
  assert.deepEqual([status, Object.keys(data), data.email], [200, ["id", "email", "token"], ada.email]);
  assert.equal(headers.get("cache-control"), "no-store");
  ada.token = data.token;
  assert.deepEqual((await ada.get("/gallery")).data, []);
});

test("an address has one account, however it is written", async () => {
  const ada = await newUser();
  for (const email of [ada.email, ada.email.toUpperCase(), ` ${ada.email} `]) {
    const again = await newcomer().signUp(email, "another password");
    assert.deepEqual([again.status, again.code], [409, "unique_violation"], email);
  }
  assert.equal((await ada.signIn(ada.email)).status, 200, "the first password is still the one");
});

test("of eight sign-ups at once with one address one has it", async () => {
  const { email } = newcomer();
  const answers = await Promise.all(Array.from({ length: 8 }, () => newcomer().signUp(email)));
  const statuses = answers.map(({ status }) => status).sort();
  assert.deepEqual(statuses, [200, ...Array.from({ length: 7 }, () => 409)]);
});

test("what is no address and what is no password is told by its name", async () => {
  const ada = newcomer();
  for (const [email, secret, name] of [
    ["ada", password, "email"],
    [ada.email, "short", "password"],
    [ada.email, "long".repeat(65), "password"],
    [ada.email, "with a \0 in it", "password"],
    [ada.email, 1234567890, "password"],
  ]) {
    const { status, errors } = await ada.signUp(email, secret);
    assert.deepEqual([status, errors[0].pointer], [422, `/${name}`], `${email} ${secret}`);
  }
});

test("a wrong password and an unknown address are answered alike", async () => {
  const ada = await newUser();
  const [wrong, unknown] = [await ada.signIn(ada.email, "another password"), await ada.signIn("nobody@example.com")];
  for (const answer of [wrong, unknown]) {
    delete answer.request_id;
    delete answer.headers;
  }
  assert.deepEqual([wrong.status, wrong.code], [401, "credentials_invalid"]);
  assert.deepEqual(unknown, wrong);
});

test("the sixth sign-in of a network has to wait, and nobody else's", async () => {
  const [ada, eve] = [await newUser(), newcomer()];
  const wrong = await Promise.all(Array.from({ length: 5 }, () => eve.signIn(ada.email, "guess")));
  assert.deepEqual(new Set(wrong.map(({ status }) => status)), new Set([401]));
  const sixth = await eve.signIn(ada.email);
  assert.deepEqual([sixth.status, sixth.code], [429, "rate_limited"]);
  const seconds = Number(sixth.headers.get("retry-after"));
  assert.ok(seconds > 0 && seconds <= 300, `Retry-After: ${seconds}`);
  assert.equal((await ada.signIn(ada.email)).status, 200);
});

test("a token that was signed out is refused everywhere; the other one is good", async () => {
  const ada = await newUser();
  const { token } = ada;
  const other = (await ada.signIn(ada.email)).data.token;
  assert.equal((await ada.post("/sign-out")).status, 200);
  for (const path of ["/gallery", "/v1/upload"]) assert.equal((await ada.get(path)).status, 401, path);
  assert.equal((await ada.upload(["sunset.jpg", picture])).status, 401);
  assert.equal((await ada.post("/sign-out")).status, 401);
  ada.token = other;
  assert.equal((await ada.get("/gallery")).status, 200);
  ada.token = token;
  assert.equal((await ada.get("/gallery")).status, 401);
});

test("pictures are listed, the newest first, with links that open them without a place in them", async () => {
  const ada = await newUser();
  const sent = await ada.upload(["first.jpg", picture], ["second.jpg", picture]);
  assert.deepEqual([sent.status, sent.data.length, sent.data[0].width], [200, 2, 360]);
  await ada.upload(["third.jpg", picture]);
  const listed = (await ada.get("/gallery")).data;
  assert.deepEqual([listed[0].name, listed.length], ["third.jpg", 3]);
  assert.equal((await ada.get("/gallery?limit=1")).data.length, 1);
  const stored = Buffer.from(await (await fetch(listed[0].download_url)).arrayBuffer());
  assert.ok(picture.includes("Exif") && stored.length > 0 && !stored.includes("Exif"));
  const bare = new URL(listed[0].download_url);
  bare.search = "";
  assert.notEqual((await fetch(bare)).status, 200, "without the link's signature nobody gets in");
});

test("nobody sees or deletes what is another's", async () => {
  const [ada, eve] = [await newUser(), await newUser()];
  const [{ storage_key: key }] = (await ada.upload(["sunset.jpg", picture])).data;
  assert.deepEqual((await eve.get("/gallery")).data, []);
  assert.deepEqual((await eve.post("/delete-gallery-files", [key])).data, [{ storage_key: key, status: "not_found" }]);
  assert.equal((await ada.get("/gallery")).data[0].storage_key, key);
});

test("a deleted picture is gone, and so are the links to it", async () => {
  const ada = await newUser();
  await ada.upload(["sunset.jpg", picture]);
  const [{ storage_key: key, download_url: link }] = (await ada.get("/gallery")).data;
  assert.equal((await fetch(link)).status, 200);
  assert.deepEqual((await ada.post("/delete-gallery-files", [key])).data, [{ storage_key: key, status: "deleted" }]);
  assert.equal((await fetch(link)).status, 404);
  assert.deepEqual((await ada.get("/gallery")).data, []);
});

test("what is no picture is refused, and nothing of the call stays", async () => {
  const ada = await newUser();
  assert.equal((await ada.upload(["sunset.jpg", picture], ["page.png", "<script>alert(1)</script>"])).status, 415);
  assert.deepEqual((await ada.get("/gallery")).data, []);
});

test("without an account there is nothing to see", async () => {
  const eve = newcomer();
  assert.equal((await eve.get("/gallery")).status, 401);
  assert.equal((await eve.upload(["sunset.jpg", picture])).status, 401);
  assert.equal((await eve.post("/delete-gallery-files", ["a"])).status, 401);
});
