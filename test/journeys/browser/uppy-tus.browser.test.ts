/** Uppy's tus plugin in Chromium, on a page of another origin: what preflights allow, and what pages may read. */
import { createServer, type Server } from "node:http";
import { mkdtemp, rm } from "node:fs/promises";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { build } from "esbuild";
import type { Browser } from "playwright-core";
import { afterAll, beforeAll, expect, test } from "vitest";
import { signToken } from "../../../src/cli/local/sign-token.ts";
import { secrets } from "../../support/secrets.ts";
import { dumpOf, startFilms } from "../kills/resumable/films.ts";
import type { KillableServer } from "../kills/server.ts";
import { launchBrowser, openTab, type Tab } from "./browser.ts";
import type * as script from "./uppy-tus-script.ts";

/** What the page's script leaves there. */
declare const uploads: typeof script;

const MIB = 1024 * 1024;
let folder: string;
let server: KillableServer;
let site: Server;
let browser: Browser;
let tab: Tab;
let token: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "sluice-uppy-"));
  server = await startFilms(folder);
  token = await signToken({ secret: secrets.JWT_SECRET_KEY, claims: { id: "ann" }, expiresSeconds: 3600 });
  site = await serve(await bundle());
  browser = await launchBrowser();
  tab = await openTab(browser);
  await tab.page.goto(`http://127.0.0.1:${String((site.address() as AddressInfo).port)}`);
});
afterAll(async () => {
  await browser.close();
  site.close();
  await server.stop();
  await rm(folder, { recursive: true, force: true, maxRetries: 5 });
});

async function bundle(): Promise<string> {
  const entryPoints = [new URL("uppy-tus-script.ts", import.meta.url).pathname];
  const { outputFiles } = await build({
    entryPoints,
    bundle: true,
    write: false,
    format: "iife",
    globalName: "uploads",
  });
  return outputFiles[0]?.text ?? "";
}

async function serve(code: string): Promise<Server> {
  const own = createServer((request, response) => {
    const isScript = request.url === "/script.js";
    response.setHeader("Content-Type", isScript ? "text/javascript" : "text/html");
    response.end(isScript ? code : '<!doctype html><link rel="icon" href="data:,"><script src="/script.js"></script>');
  });
  await new Promise<void>((resolve) => own.listen(0, "127.0.0.1", resolve));
  return own;
}

const send = (bytes: number, headers: Record<string, string>) =>
  tab.page.evaluate(([endpoint, own, size]) => uploads.uploadByTus(endpoint, own, size), [
    `${server.origin() ?? ""}/video`,
    headers,
    bytes,
  ] as const);

test("a file in three chunks is stored, and its answer can be asked for", async () => {
  const { sent, errors } = await send(11 * MIB, { "x-access-token": token });
  expect(errors).toEqual([]);
  const answer = await fetch(sent[0] ?? "", { headers: { "x-access-token": token } });
  const { data } = (await answer.json()) as { readonly data: { readonly storage_key: string } };
  const { files } = await dumpOf(server);
  expect(files).toMatchObject([{ storage_key: data.storage_key, status: "stored", file_size: 11 * MIB }]);
  expect(tab.complaints).toEqual([]);
});

test("a line that is away for a while", async () => {
  const sending = send(31 * MIB, { "x-access-token": token });
  await tab.page.waitForRequest((request) => request.method() === "PATCH");
  await tab.context.setOffline(true);
  await tab.page.waitForTimeout(400);
  await tab.context.setOffline(false);
  expect((await sending).errors).toEqual([]);
  expect((await dumpOf(server)).files).toHaveLength(2);
});

test("what is refused is told with its reason", async () => {
  const { sent, errors } = await send(1000, {});
  expect(sent).toEqual([]);
  expect(errors.join()).toContain("unauthorized");
});
