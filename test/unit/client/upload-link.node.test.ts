/** Uploads by link: what is sent, under which key, and what is kept of the link. */
import { beforeEach, expect, test } from "vitest";
import type { StorageLike } from "../../../src/client/platform.ts";
import { SluiceError, uploadByLink, type UploadByLinkOptions } from "../../../src/client/upload-link.ts";

const TAG = "0123456789_-abcdefABCD";
const SEAL = `secretClaimsOfTheIssuer${TAG}`;
const link = `https://files.example/api/shots/12:30?album=a:b/c&upload=${SEAL}`;
const photo = new File(["bytes"], "a.jpg", { type: "image/jpeg", lastModified: 5 });

interface Sent {
  readonly url: string;
  readonly method: string;
  readonly key: string | null;
  readonly body: string;
}

let sent: Sent[] = [];
/** In turn; the last one goes on. */
let answers: (Response | Error)[] = [];

const stored = () => Response.json({ success: true, message: "OK", data: [{ id: "1" }] });
const problem = (code: string, status: number) => Response.json({ code, status, title: code }, { status });

const fetch = async (
  url: string,
  init: { readonly method: string; readonly headers: Headers; readonly body: never },
) => {
  const body = await new Response(init.body).text();
  sent.push({ url, method: init.method, key: init.headers.get("idempotency-key"), body });
  const [answer = stored()] = answers.length > 1 ? answers.splice(0, 1) : answers;
  if (answer instanceof Error) throw answer;
  return answer.clone();
};

function memoryStorage(): StorageLike & { readonly kept: Map<string, string> } {
  const kept = new Map<string, string>();
  return {
    kept,
    getItem: (name) => kept.get(name) ?? null,
    setItem: (name, value) => kept.set(name, value),
    removeItem: (name) => kept.delete(name),
  };
}

const send = (address = link, options: UploadByLinkOptions = {}) =>
  uploadByLink<readonly { readonly id: string }[]>(
    address,
    { body: { title: "Lunch" }, files: { photo } },
    { fetch, ...options },
  );

beforeEach(() => {
  sent = [];
  answers = [stored()];
});

test("a form goes to the link as it is, text before files, without a token and with a key", async () => {
  expect(await send()).toEqual({ data: [{ id: "1" }], jobId: null, requestId: null, isReplayed: false });
  const [only] = sent;
  expect(only?.method).toBe("POST");
  expect(only?.url).toBe(link);
  expect(only?.key).toMatch(/^[!-~]{10,}$/);
  expect(only?.body).toMatch(/name="title"\r\n\r\nLunch\r\n.*name="photo"; filename="a.jpg"/s);
});

test("what was not heard is sent again under the same key", async () => {
  answers = [new TypeError("cut"), problem("storage_unavailable", 503), stored()];
  const heard: string[] = [];
  await send(link, { onRetry: ({ code }) => heard.push(code) });
  expect(heard).toEqual(["network", "storage_unavailable"]);
  expect(new Set(sent.map(({ key }) => key)).size).toBe(1);
});

test.each(["link_invalid", "link_expired", "link_revoked", "link_used_up"])("%s ends it at once", async (code) => {
  answers = [problem(code, code === "link_invalid" ? 403 : 410)];
  const error = await send().catch((thrown: unknown) => thrown);
  expect(error).toBeInstanceOf(SluiceError);
  expect(error).toMatchObject({ code });
  expect(sent.length).toBe(1);
});

test("after a reload the same upload has the same key, and what is kept opens no link", async () => {
  const storage = memoryStorage();
  answers = [new TypeError("cut")];
  await expect(send(link, { storage, retries: 0 })).rejects.toMatchObject({ code: "network" });
  const kept = [...storage.kept.values()].join();
  expect(kept).toContain(TAG);
  expect(kept).not.toContain(SEAL.slice(0, -TAG.length));
  answers = [stored()];
  await send(link, { storage });
  await send(link, { storage });
  const [first, second, third] = sent.map(({ key }) => key);
  expect(second).toBe(first);
  expect(third).not.toBe(first);
});

test("the same upload by another link is another one", async () => {
  const storage = memoryStorage();
  answers = [new TypeError("cut")];
  for (const address of [link, link.replace(TAG, TAG.toUpperCase())])
    await expect(send(address, { storage, retries: 0 })).rejects.toMatchObject({ code: "network" });
  expect(new Set(sent.map(({ key }) => key)).size).toBe(2);
});
