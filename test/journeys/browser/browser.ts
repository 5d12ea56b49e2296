/** Chromium for tests from outside, and what a visitor's tab is watched for. Knows nothing of what is tested. */
import { existsSync } from "node:fs";
import {
  chromium,
  type Browser,
  type BrowserContext,
  type BrowserContextOptions,
  type CDPSession,
  type Page,
} from "playwright-core";

/** Undefined: the machine has none. */
export const executablePath = ["/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"].find(
  (path) => existsSync(path),
);

/** A photograph of test/photos, as a path. */
export const photo = (name: string): string => new URL(`../../support/photos/${name}`, import.meta.url).pathname;

/** @throws Error when the machine has no Chromium */
export async function launchBrowser(): Promise<Browser> {
  if (executablePath === undefined) throw new Error("Chromium is missing: apt-get install chromium");
  // A container's root has no sandbox.
  return chromium.launch({ executablePath, args: ["--no-sandbox"] });
}

export interface Tab {
  readonly context: BrowserContext;
  readonly page: Page;
  /** The one that throttling was asked of must take it back. */
  readonly session: CDPSession;
  /** Errors of scripts and of the console; what a policy stopped is among them. */
  readonly complaints: readonly string[];
  close(): Promise<void>;
}

/** A visitor of one's own: no cookie, no cache, nothing in storage. */
export async function openTab(browser: Browser, options: BrowserContextOptions = {}): Promise<Tab> {
  const context = await browser.newContext(options);
  const page = await context.newPage();
  const session = await context.newCDPSession(page);
  const complaints: string[] = [];
  page.on("console", (message) => {
    if (message.type() === "error") complaints.push(message.text());
  });
  page.on("pageerror", (error) => complaints.push(error.message));
  return { context, page, session, complaints, close: () => context.close() };
}

/** Slows down what the tab sends; null = as fast as it goes. */
export async function throttleUploads({ session }: Tab, bytesPerSecond: number | null): Promise<void> {
  await session.send("Network.enable");
  await session.send("Network.emulateNetworkConditions", {
    offline: false,
    latency: 0,
    downloadThroughput: -1,
    uploadThroughput: bytesPerSecond ?? -1,
  });
}

/** Drags files or folders from the desktop over the page's middle, and lets go. */
export async function dropFiles({ page, session }: Tab, files: readonly string[]): Promise<void> {
  const { width, height } = page.viewportSize() ?? { width: 800, height: 600 };
  const data = { items: [], files: [...files], dragOperationsMask: 1 };
  for (const type of ["dragEnter", "dragOver", "drop"] as const) {
    await session.send("Input.dispatchDragEvent", { type, x: width / 2, y: height / 2, data });
  }
}

/**
 * Lets one request to the address arrive and be answered, and loses the answer on its way back. Resolves with its status.
 * @param meanwhile happens between the two
 */
export async function loseAnswer(
  { session }: Tab,
  urlPattern: string,
  meanwhile: () => Promise<void> = () => Promise.resolve(),
): Promise<{ readonly status: Promise<number> }> {
  await session.send("Fetch.enable", { patterns: [{ urlPattern, requestStage: "Response" }] });
  const status = new Promise<number>((resolve) => {
    session.once("Fetch.requestPaused", ({ requestId, responseStatusCode }) => {
      void meanwhile()
        .then(() => session.send("Fetch.failRequest", { requestId, errorReason: "ConnectionReset" }))
        .then(() => session.send("Fetch.disable"))
        .then(() => resolve(responseStatusCode ?? 0));
    });
  });
  return { status };
}
