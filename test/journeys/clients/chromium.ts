/** Clients in Chromium, on a page of another origin than the runtime's. */
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { build } from "esbuild";
import type { Browser, Page } from "playwright-core";
import { executablePath, launchBrowser, openTab } from "../browser/browser.ts";
import { expect, type Client, type Library } from "./client.ts";
import { uploadChecks } from "./library-checks.ts";
import { packageVersion } from "./node-libraries.ts";
import type * as script from "./page-script.ts";
import type { Stage } from "./stage.ts";

/** What the page's script leaves there. */
declare const clients: typeof script;

const HAVE_CURRENT_DATA = 2;

export interface Site {
  readonly origin: string;
  readonly clients: readonly Client[];
  close(): Promise<void>;
}

/** Serves the page on which the clients run. */
export async function openSite(): Promise<Site> {
  const entry = new URL("page-script.ts", import.meta.url).pathname;
  const bundle = { bundle: true, write: false, format: "iife", globalName: "clients" } as const;
  const [code] = (await build({ entryPoints: [entry], ...bundle })).outputFiles;
  const page = '<!doctype html><input type="file"><video muted></video><script src="/script.js"></script>';
  const server = createServer((request, response) => {
    const isScript = request.url === "/script.js";
    response.setHeader("Content-Type", isScript ? "text/javascript" : "text/html");
    response.end(isScript ? code?.text : page);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const origin = `http://127.0.0.1:${String((server.address() as AddressInfo).port)}`;
  const browser = executablePath === undefined ? null : await launchBrowser();
  return {
    origin,
    clients: clientsOf(browser, origin),
    async close() {
      await browser?.close();
      server.close();
    },
  };
}

function clientsOf(browser: Browser | null, origin: string): readonly Client[] {
  const visit = async <Result>(work: (page: Page) => Promise<Result>): Promise<Result> => {
    if (browser === null) throw new Error("There is no browser");
    const tab = await openTab(browser);
    try {
      await tab.page.goto(origin);
      return await work(tab.page);
    } finally {
      await tab.close();
    }
  };
  const uppy: Pick<Library, "upload"> = {
    upload: ({ url, headers, path }) =>
      visit(async (page) => {
        await page.setInputFiles("input", path);
        return page.evaluate(
          ([address, own]) => {
            const [file] = document.querySelector("input")?.files ?? [];
            if (file === undefined) throw new Error("No file was chosen");
            return clients.uploadByUppy(file, address, own);
          },
          [url, headers] as const,
        );
      }),
  };
  return [
    {
      name: "Uppy",
      source: "apt-get install chromium",
      version: async () => (browser === null ? null : packageVersion("@uppy/core")),
      checks: uploadChecks(uppy),
    },
    {
      name: "<video>",
      source: "apt-get install chromium ffmpeg",
      version: async ({ stored }) =>
        browser === null || stored.film === null ? null : `Chromium ${browser.version().replace(/\..*/, "")}`,
      checks: { range: (stage) => visit((page) => seek(stage, page)) },
    },
  ];
}

async function seek(stage: Stage, page: Page): Promise<string> {
  const { film } = stage.stored;
  if (film === null) throw new Error("There is no film: apt-get install ffmpeg");
  const statuses: number[] = [];
  page.on("response", (response) => void statuses.push(response.status()));
  const found = await page.evaluate(
    (url) => clients.seekToEnd(document.querySelector("video") as HTMLVideoElement, url),
    await stage.link(film),
  );
  expect(Math.abs(found.duration - 20) < 0.1, "duration", found);
  expect(found.currentTime > 19 && found.readyState >= HAVE_CURRENT_DATA && found.videoWidth === 640, "seek", found);
  expect(statuses.length > 0 && statuses.every((status) => status === 206), "answers with parts", statuses);
  return "to the end";
}
