/** `sluice/client/tus` in Chromium, on a page of another origin: reloads, tabs, a network that is away, a component. */
import { randomBytes } from "node:crypto";
import { createServer, type Server } from "node:http";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { build } from "esbuild";
import type { Browser, Page } from "playwright-core";
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from "vitest";
import { signToken } from "../../../src/cli/local/sign-token.ts";
import { secrets } from "../../support/secrets.ts";
import { dumpOf, startFilms } from "../kills/resumable/films.ts";
import type { KillableServer } from "../kills/server.ts";
import { launchBrowser, openTab, throttleUploads, type Tab } from "./browser.ts";
import type * as script from "./pieces-script.ts";

/** What the page's script leaves there. */
declare const pieces: typeof script;

const MIB = 1024 * 1024;
const BYTES = 9 * MIB;
let folder: string;
let film: string;
let server: KillableServer;
let site: Server;
let browser: Browser;
let tab: Tab;
let token: string;
let stored = 0;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "sluice-pieces-"));
  film = join(folder, "film.bin");
  await writeFile(film, randomBytes(BYTES));
  server = await startFilms(folder);
  token = await signToken({ secret: secrets.JWT_SECRET_KEY, claims: { id: "ann" }, expiresSeconds: 3600 });
  site = await serve(await bundle());
  browser = await launchBrowser();
});
afterAll(async () => {
  await browser.close();
  site.close();
  await server.stop();
  await rm(folder, { recursive: true, force: true, maxRetries: 5 });
});
beforeEach(async () => {
  tab = await openTab(browser);
  await open(tab.page);
});
afterEach(async () => {
  expect(await tab.page.evaluate(() => localStorage.getItem("sluice-uploads"))).toBe("{}");
  const { files } = await dumpOf(server);
  stored += 1;
  // One more than before, and it alone.
  expect(files).toHaveLength(stored);
  expect(files.every(({ status, file_size: size }) => status === "stored" && size === BYTES)).toBe(true);
  await tab.close();
});

async function bundle(): Promise<string> {
  const { outputFiles } = await build({
    entryPoints: [new URL("pieces-script.ts", import.meta.url).pathname],
    bundle: true,
    write: false,
    format: "iife",
    globalName: "pieces",
    define: { "process.env.NODE_ENV": '"development"' },
  });
  return outputFiles[0]?.text ?? "";
}

async function serve(code: string): Promise<Server> {
  const html =
    '<!doctype html><link rel="icon" href="data:,"><input id="chosen" type="file"><div id="root"></div><script src="/script.js"></script>';
  const own = createServer((request, response) => {
    const isScript = request.url === "/script.js";
    response.setHeader("Content-Type", isScript ? "text/javascript" : "text/html");
    response.end(isScript ? code : html);
  });
  await new Promise<void>((resolve) => own.listen(0, "127.0.0.1", resolve));
  return own;
}

async function open(page: Page): Promise<void> {
  await page.goto(`http://127.0.0.1:${String((site.address() as AddressInfo).port)}`);
  await page.setInputFiles("#chosen", film);
}

const send = (page = tab.page, options: object = {}) =>
  page.evaluate(([origin, own, more]) => pieces.send(origin, own, more), [
    server.origin() ?? "",
    token,
    options,
  ] as const);

const until = (bytes: number) => tab.page.waitForFunction((most) => pieces.loaded > most, bytes);

/** Of the page's requests, while work is done. */
async function methodsOf(page: Page, work: () => Promise<unknown>): Promise<readonly string[]> {
  const methods: string[] = [];
  page.on("request", (request) => methods.push(request.method()));
  await work();
  return methods.filter((method) => method !== "OPTIONS");
}

test("a reload in the middle: the same file goes on where it stopped", async () => {
  await throttleUploads(tab, 4_000_000);
  const lost = send().catch(() => "lost");
  await until(5 * MIB);
  await tab.page.reload();
  expect(await lost).toBe("lost");
  await throttleUploads(tab, null);
  await tab.page.setInputFiles("#chosen", film);
  let id = "";
  const methods = await methodsOf(tab.page, async () => (id = await send()));
  expect(id).toHaveLength(27);
  expect(methods[0]).toBe("GET");
  expect(methods).not.toContain("POST");
  expect(methods.filter((method) => method === "PATCH").length).toBeLessThanOrEqual(4);
});

test("a second tab with the same file waits for the first, and has its answer", async () => {
  const other = await tab.context.newPage();
  await open(other);
  await throttleUploads(tab, 4_000_000);
  const first = send();
  await until(3 * MIB);
  let second = "";
  const methods = await methodsOf(other, async () => (second = await send(other)));
  expect(second).toBe(await first);
  expect(methods).toEqual(["GET"]);
});

test("a second tab goes on where the first is closed", async () => {
  const first = await tab.context.newPage();
  await open(first);
  const throttled = { ...tab, session: await tab.context.newCDPSession(first) };
  await throttleUploads(throttled, 3_000_000);
  const lost = send(first).catch(() => "lost");
  await first.waitForFunction((most) => pieces.loaded > most, 3 * MIB);
  const second = send();
  await first.close();
  expect(await lost).toBe("lost");
  expect(await second).toHaveLength(27);
});

test("without a network nothing is tried, however long it is away", async () => {
  const sending = send(tab.page, { retries: 1 });
  await until(3 * MIB);
  const methods = await methodsOf(tab.page, async () => {
    await tab.context.setOffline(true);
    await tab.page.waitForTimeout(4000);
  });
  expect(methods.length).toBeLessThanOrEqual(1);
  await tab.context.setOffline(false);
  expect(await sending).toHaveLength(27);
});

test("a component: paused, and sent again", async () => {
  await throttleUploads(tab, 4_000_000);
  await tab.page.evaluate(([origin, own]) => pieces.mount(origin, own), [server.origin() ?? "", token] as const);
  const button = (name: string) => tab.page.getByRole("button", { name, exact: true });
  const status = (text: RegExp) => tab.page.getByRole("status").getByText(text).waitFor();
  const patches = methodsOf(tab.page, async () => {
    await button("Send").click();
    await tab.page.waitForRequest((request) => request.headers()["upload-offset"] === String(4 * MIB));
    await button("Pause").click();
    await status(/^idle$/);
    await throttleUploads(tab, null);
    await button("Send").click();
    await status(/^Stored .{27}$/);
  });
  expect((await patches).filter((method) => method === "POST")).toHaveLength(1);
});
