/**
 * What a browser loads for the first page of a gallery: 18 photographs of test/support/photos, by turns, in Chromium on the
 * whole runtime. Run `node bench/gallery-page.ts`; prints Markdown: the sums, and the network's log.
 *
 * Bytes are Chromium's own count of what came over the line, headers and compression included. The page is scrolled to
 * its end, so that every tile is loaded.
 */
import { readFile } from "node:fs/promises";
import type { CDPSession } from "playwright-core";
import { startServer } from "../test/support/node/server.ts";
import { launchBrowser, openTab, photo } from "../test/journeys/browser/browser.ts";

const TILES = 18;
/** Must reach. */
const MOST_BYTES = 350_000;
const names = [
  "sunset-1600.jpg",
  "picos-1200-exif-gps-rotated.jpg",
  "umang-8mp-baseline.jpg",
  "seeding-round-640.png",
  "seeding-16mp-progressive.jpg",
];

const inKb = (bytes: number) => (bytes / 1000).toFixed(0);

/** A request, once its answer has come whole. */
interface Loaded {
  readonly kind: string;
  readonly url: string;
  readonly bytes: number;
}

/** Fills up while the tab loads. */
async function watch(session: CDPSession): Promise<readonly Loaded[]> {
  const log: Loaded[] = [];
  const asked = new Map<string, { readonly url: string; readonly type: string }>();
  await session.send("Network.enable");
  session.on("Network.requestWillBeSent", ({ requestId, request, type = "Other" }) => {
    asked.set(requestId, { url: request.url, type });
  });
  session.on("Network.loadingFinished", ({ requestId, encodedDataLength }) => {
    const { url = "", type = "" } = asked.get(requestId) ?? {};
    if (url.startsWith("http")) log.push({ kind: kindOf(url, type), url, bytes: encodedDataLength });
  });
  return log;
}

function kindOf(url: string, type: string): string {
  const { pathname, searchParams } = new URL(url);
  if (type === "Image") return searchParams.has("thumbnail") || pathname.includes(".thumbnail") ? "thumbnail" : "image";
  return pathname.startsWith("/v1/") ? "answer" : "page";
}

const server = await startServer();
const browser = await launchBrowser();
try {
  const token = await server.token("visitor");
  let originals = 0;
  for (let index = 0; index < TILES; index++) {
    const name = names[index % names.length] ?? "";
    const bytes = await readFile(photo(name));
    originals += bytes.length;
    const body = new FormData();
    const type = name.endsWith(".png") ? "image/png" : "image/jpeg";
    body.append("file", new Blob([new Uint8Array(bytes)], { type }), name);
    const answer = await fetch(`${server.origin}/v1/upload`, {
      method: "POST",
      headers: { Authorization: `Bearer ${token}` },
      body,
    });
    if (answer.status !== 200) throw new Error(await answer.text());
  }
  console.log(
    "| screen | requests | page, kB | answers, kB | pictures, kB | together, kB | must reach | originals, kB |",
  );
  console.log("| --- | --: | --: | --: | --: | --: | --- | --: |");
  const logs: (readonly Loaded[])[] = [];
  const screens = [
    ["1280 × 800", { viewport: { width: 1280, height: 800 } }],
    ["390 × 844, 3 pixels a point", { viewport: { width: 390, height: 844 }, deviceScaleFactor: 3, isMobile: true }],
  ] as const;
  for (const [screen, options] of screens) {
    const tab = await openTab(browser, options);
    const log = await watch(tab.session);
    await tab.page.goto(`${server.origin}/#token=${token}`);
    await tab.page.waitForFunction((count) => document.querySelectorAll(".tile").length === count, TILES);
    for (let at = 0; at < TILES; at++) await tab.page.locator(".tile").nth(at).scrollIntoViewIfNeeded();
    await tab.page.waitForFunction((count) => document.querySelectorAll(".frame.shown").length === count, TILES);
    const sum = (...kinds: readonly string[]) =>
      log.filter(({ kind }) => kinds.includes(kind)).reduce((total, { bytes }) => total + bytes, 0);
    const sums = [sum("page"), sum("answer"), sum("thumbnail", "image")];
    const together = sums.reduce((one, other) => one + other, 0);
    const aim = `≤ ${MOST_BYTES / 1000} ${together <= MOST_BYTES ? "reached" : "**missed**"}`;
    const cells = [screen, log.length, ...[...sums, together].map(inKb), aim, inKb(originals)];
    console.log(`| ${cells.join(" | ")} |`);
    logs.push(log);
    await tab.close();
  }
  console.log("\n| kind | address | bytes |\n| --- | --- | --: |");
  for (const { kind, url, bytes } of logs[0] ?? []) {
    const { pathname, search } = new URL(url);
    console.log(`| ${kind} | ${(pathname + search).slice(0, 100)} | ${bytes} |`);
  }
} finally {
  await browser.close();
  await server.close();
}
console.log("\n`node bench/gallery-page.ts`");
