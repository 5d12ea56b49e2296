/** The examples of docs/client.md in Chromium, against the real server: React, Uppy, Vue and Svelte, reloads and two tabs. */
import { mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { build } from "esbuild";
import type { Browser, Page } from "playwright-core";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, inject, test } from "vitest";
import { packageModules } from "../../../src/compiler/emit.ts";
import { knowServer } from "../../support/node/server.ts";
import { readPage, root, writeFiles } from "../docs/pages.ts";
import { launchBrowser, loseAnswer, openTab, photo, throttleUploads, type Tab } from "./browser.ts";
import type * as script from "./client-script.ts";

/** What the page's script leaves there. */
declare const client: typeof script;

const SUNSET = photo("sunset-1600.jpg");
const LARGE = photo("seeding-16mp-progressive.jpg");
const server = knowServer(inject("serverPlace"));
const address = "upload-gallery-and-store";
let browser: Browser;
let tab: Tab;
let page: Page;
let code = "";
let user = 0;

beforeAll(async () => {
  browser = await launchBrowser();
  code = await bundleExamples();
});
afterAll(() => browser.close());
beforeEach(async () => {
  user += 1;
  tab = await openTab(browser);
  page = await openPage();
});
afterEach(async () => {
  expect(await page.evaluate(() => client.unheard)).toEqual([]);
  await tab.close();
});

/** As a project's bundler would: the package's modules by their names, the page's blocks as files. */
async function bundleExamples(): Promise<string> {
  const folder = mkdtempSync(join(tmpdir(), "sluice-examples-"));
  try {
    const examples = join(folder, "examples");
    writeFiles(examples, readPage("docs/client.md"));
    symlinkSync(join(root, "node_modules"), join(folder, "node_modules"));
    // The page's own origin in place of the example's.
    const own = `import { createClient } from "sluice/client";
import { endpoints } from "./endpoints.ts";
export const client = createClient("", { endpoints, token: async () => (await fetch("/session/token")).text() });`;
    writeFileSync(join(examples, "client.ts"), own);
    const modules = Object.entries(packageModules);
    const { outputFiles } = await build({
      entryPoints: [new URL("client-script.ts", import.meta.url).pathname],
      bundle: true,
      write: false,
      format: "iife",
      globalName: "client",
      jsx: "automatic",
      nodePaths: [join(root, "node_modules")],
      define: { "process.env.NODE_ENV": '"development"' },
      alias: {
        examples,
        ...Object.fromEntries(modules.map(([name, module]) => [`sluice${name.slice(1)}`, join(root, "src", module)])),
      },
    });
    return outputFiles[0]?.text ?? "";
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** A page of the server's origin that is the test's. */
async function openPage(): Promise<Page> {
  const opened = await tab.context.newPage();
  opened.setDefaultTimeout(15_000);
  const html =
    '<!doctype html><div id="root"></div><input id="chosen" type="file" multiple><script src="/client-test.js"></script>';
  const token = await server.token(`client_${user}`);
  await opened.route("**/client-test", (route) => route.fulfill({ body: html, contentType: "text/html" }));
  await opened.route("**/session/token", (route) => route.fulfill({ body: token }));
  await opened.route("**/client-test.js", (route) => route.fulfill({ body: code, contentType: "text/javascript" }));
  await opened.goto(`${server.origin}/client-test`);
  return opened;
}

/** What the newest page is watched for and driven by. */
async function driven(): Promise<Tab> {
  return { ...tab, page, session: await tab.context.newCDPSession(page) };
}

const choose = (...files: string[]) => page.setInputFiles("#chosen", files);
const send = (options: object = {}, isAborted = false) =>
  page.evaluate(([more, stops]) => client.send(more, stops), [options, isAborted] as const);
const button = (name: string) => page.getByRole("button", { name, exact: true });
const status = (text: string) => page.getByRole("status").getByText(text).waitFor();
const rowsOf = async (): Promise<number> => {
  const answer = await fetch(`${server.origin}/my-gallery`, {
    method: "POST",
    headers: { "x-access-token": await server.token(`client_${user}`) },
  });
  return ((await answer.json()) as { readonly data: readonly unknown[] }).data.length;
};

test("progress, by XMLHttpRequest", async () => {
  await choose(LARGE);
  await throttleUploads(await driven(), 4_000_000);
  const { seen, ids } = (await send()) as { readonly seen: readonly number[]; readonly ids: readonly string[] };
  expect(ids.length).toBe(1);
  expect(seen.at(-1)).toBe(1);
  expect(seen.length).toBeGreaterThan(3);
});

test("an answer that is lost comes again by itself; without attempts, after a reload", async () => {
  await choose(SUNSET);
  const session = await driven();
  const first = await loseAnswer(session, `*${address}`);
  expect(await send()).toMatchObject({ isReplayed: true });
  expect(await first.status).toBe(200);
  const second = await loseAnswer(session, `*${address}`);
  expect(await send({ retries: 0 })).toBe("network");
  expect(await second.status).toBe(200);
  await page.reload();
  await choose(SUNSET);
  expect(await send()).toMatchObject({ isReplayed: true });
  expect(await page.evaluate(() => localStorage.getItem("sluice-keys"))).toBe("{}");
  expect(await rowsOf()).toBe(2);
});

test("a second tab that sends the same file while the first does stores nothing again", async () => {
  const one = page;
  const other = await openPage();
  for (const each of [one, other]) await each.setInputFiles("#chosen", [LARGE]);
  const begun = one.waitForEvent("request", (request) => request.url().endsWith(address));
  const first = one.evaluate(() => client.send());
  // Browsers tell other tabs of a change of localStorage a few milliseconds later.
  await begun;
  const sent = await Promise.all([first, other.evaluate(() => client.send())]);
  const ids = sent.map((each) => (each as { readonly ids: readonly string[] }).ids);
  expect(ids[0]).toEqual(ids[1]);
  expect(await rowsOf()).toBe(1);
});

test("an abort in the middle leaves nothing", async () => {
  await choose(LARGE);
  const session = await driven();
  await throttleUploads(session, 200_000);
  expect(await send({}, true)).toBe("aborted");
  await throttleUploads(session, null);
  expect(await rowsOf()).toBe(0);
});

describe("React, in StrictMode", () => {
  const mount = (what: "upload" | "files") =>
    page.evaluate((name) => void Object.assign(window, { unmount: client.mount(name) }), what);

  test("chosen by keyboard, told in quarters, stopped by Escape, sent again", async () => {
    await mount("upload");
    const session = await driven();
    await throttleUploads(session, 300_000);
    const chooser = page.waitForEvent("filechooser", { timeout: 60_000 });
    await page.keyboard.press("Tab");
    expect(await button("Choose a photo").evaluate((element) => element === document.activeElement)).toBe(true);
    await page.keyboard.press("Enter");
    await (await chooser).setFiles(LARGE);
    await page.getByRole("progressbar", { name: "Uploading" }).waitFor();
    await status("0 % sent");
    await button("Cancel").waitFor();
    const tree = await page.locator("body").ariaSnapshot();
    for (const line of [
      '- region "Upload":',
      '- button "Choose a photo"',
      '- progressbar "Uploading"',
      "- status: 0 % sent",
    ]) {
      expect(tree).toContain(line);
    }
    await page.keyboard.press("Escape");
    await button("Cancel").waitFor({ state: "detached" });
    expect(await page.getByRole("alert").count()).toBe(0);
    await throttleUploads(session, null);
    const again = page.waitForEvent("filechooser");
    await button("Choose a photo").click();
    await (await again).setFiles(SUNSET);
    await status("Stored 1 file.");
    expect(await rowsOf()).toBe(1);
  });

  test("dropped, without a flicker on its way over what is inside", async () => {
    await mount("upload");
    const region = page.getByRole("region", { name: "Upload" });
    await region.evaluate((element) => {
      (element as HTMLElement).style.cssText = "display:block;height:100vh";
      const seen: string[] = [];
      new MutationObserver(() => seen.push(String((element as HTMLElement).dataset["over"]))).observe(element, {
        attributes: true,
      });
      Object.assign(window, { seen });
    });
    const session = await tab.context.newCDPSession(page);
    const data = { items: [], files: [SUNSET], dragOperationsMask: 1 };
    const box = (await button("Choose a photo").boundingBox()) ?? { x: 0, y: 0, width: 0, height: 0 };
    const over = (type: "dragEnter" | "dragOver" | "drop", x: number, y: number) =>
      session.send("Input.dispatchDragEvent", { type, x, y, data });
    await over("dragEnter", 400, 400);
    for (const y of [300, box.y + 5, 200, box.y + 5]) await over("dragOver", box.x + 5, y);
    expect(await page.evaluate(() => (window as unknown as { seen: string[] }).seen)).toEqual(["true"]);
    await over("drop", 400, 400);
    await status("Stored 1 file.");
    expect(await page.evaluate(() => (window as unknown as { seen: string[] }).seen)).toEqual(["true", "false"]);
  });

  test("a refusal is an alert; a lost connection says that it goes on", async () => {
    await mount("upload");
    const field = page.locator("input[hidden]");
    await field.setInputFiles([{ name: "a.pdf", mimeType: "application/pdf", buffer: Buffer.from("%PDF-1.7") }]);
    await page.getByRole("alert").getByText("file_type_not_allowed").waitFor();
    await loseAnswer(await driven(), `*${address}`);
    await field.setInputFiles(SUNSET);
    await status("The connection was lost. Trying again.");
    await status("Stored 1 file.");
    expect(await rowsOf()).toBe(1);
  });

  test("unmounting stops what is being sent", async () => {
    await mount("upload");
    const session = await driven();
    await throttleUploads(session, 100_000);
    const sent = page.waitForEvent("request", (request) => request.url().endsWith(address));
    const failed = page.waitForEvent("requestfailed", (request) => request.url().endsWith(address));
    await page.locator("input[hidden]").setInputFiles(LARGE);
    // The bar stands there before the first byte is read.
    await Promise.all([page.getByRole("progressbar").waitFor(), sent]);
    await page.evaluate(() => (window as unknown as { unmount: () => void }).unmount());
    expect((await failed).failure()?.errorText).toBe("net::ERR_ABORTED");
    await throttleUploads(session, null);
    expect(await rowsOf()).toBe(0);
  });

  test("a list: pages, and a deletion", async () => {
    await choose(SUNSET);
    await send();
    await mount("files");
    await page.getByRole("listitem").getByText("sunset-1600.jpg").waitFor();
    expect(await page.getByRole("listitem").count()).toBe(1);
    await button("Delete").click();
    await page.getByRole("listitem").waitFor({ state: "detached" });
  });
});

test("Uppy: a fresh token after a 401, each file once, its address as uploadURL", async () => {
  await choose(SUNSET, photo("picos-1200-exif-gps-rotated.jpg"));
  const { stored, errors, asked, restrictions } = (await page.evaluate(() => client.sendByUppy())) as {
    readonly stored: readonly (readonly [number, string, unknown])[];
    readonly errors: readonly string[];
    readonly asked: readonly boolean[];
    readonly restrictions: object;
  };
  expect(errors).toEqual([]);
  expect(stored.map(([code, url]) => [code, url.startsWith(`${server.origin}/files/gallery/`)])).toEqual([
    [200, true],
    [200, true],
  ]);
  expect(asked.toSorted()).toEqual([false, false, true, true]);
  expect(restrictions).toMatchObject({
    maxFileSize: 20_971_520,
    allowedFileTypes: ["image/png", "image/jpeg", "video/mp4"],
  });
  expect(await rowsOf()).toBe(2);
});

test("Uppy: a refusal is a SluiceError, and is not sent again", async () => {
  await page.setInputFiles("#chosen", [{ name: "a.jpg", mimeType: "image/jpeg", buffer: Buffer.from("no picture") }]);
  const requests: string[] = [];
  page.on("request", (request) => requests.push(request.url()));
  const { errors } = (await page.evaluate(() => client.sendByUppy())) as { readonly errors: readonly string[] };
  expect(errors).toEqual(["file_type_mismatch"]);
  // The stale token's, and one with the fresh one.
  expect(requests.filter((url) => url.endsWith(address)).length).toBe(2);
});

test("Vue and Svelte, as their recipes", async () => {
  await choose(SUNSET);
  expect(await page.evaluate(() => client.sendBySvelte())).toEqual({
    size: 174_107,
    first: [null, 0],
    sent: 1,
    last: null,
  });
  expect(await page.evaluate(() => client.sendByVue())).toEqual({
    isSending: true,
    size: 174_107,
    stopped: "aborted",
    share: null,
  });
});
