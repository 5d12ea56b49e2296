/**
 * Files that run script wherever a browser lets them, uploaded, then opened in Chromium in every way there is: none may
 * run on the deployment's origin. A page without any policy stands on that origin too, as if everything else had failed.
 */
import { readFile } from "node:fs/promises";
import { createServer, type Server as HttpServer } from "node:http";
import type { AddressInfo } from "node:net";
import { AwsV4Signer } from "aws4fetch";
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, inject, test } from "vitest";
import { secretNamed } from "../../../src/cli/local/secrets.ts";
import { makeActiveFiles, type ActiveFile } from "../../support/active-files.ts";
import { launchBrowser, openTab, photo, type Tab } from "./browser.ts";
import { knowServer } from "../../support/node/server.ts";

interface Stored {
  readonly file: ActiveFile;
  readonly id: string;
  readonly type: string;
  readonly url: string;
}

const server = knowServer(inject("serverPlace"));
const files = makeActiveFiles(`${server.origin}/ran`);
let browser: Browser;
/** Another site, whose pages may embed what they like. */
let elsewhere: HttpServer;
let elsewhereOrigin: string;
let elsewherePage = "";
const stored: Stored[] = [];
let picture: Stored;
let headers: Record<string, string>;

beforeAll(async () => {
  headers = { Authorization: `Bearer ${await server.token("attacker")}` };
  // One after the other: a deployment takes only so many at a time.
  for (const file of files) stored.push(await upload(file));
  const bytes = Uint8Array.from(await readFile(photo("sunset-1600.jpg")));
  picture = await upload({ name: "sunset.jpg", declared: "image/jpeg", bytes, shown: true });
  browser = await launchBrowser();
  elsewhere = createServer((_, response) => {
    response.setHeader("Content-Type", "text/html").end(elsewherePage);
  });
  await new Promise<void>((resolve) => elsewhere.listen(0, "127.0.0.1", resolve));
  elsewhereOrigin = `http://127.0.0.1:${(elsewhere.address() as AddressInfo).port}`;
});

afterAll(async () => {
  await browser.close();
  elsewhere.close();
});

test("a script that is no text is refused under a script's type", async () => {
  const body = new FormData();
  body.append("file", new Blob(["/*\u0001*/alert(1)"], { type: "application/javascript" }), "a.js");
  const answer = await fetch(`${server.origin}/v1/upload`, { method: "POST", headers, body });
  expect(answer.status).toBe(415);
});

async function upload(file: ActiveFile): Promise<Stored> {
  const body = new FormData();
  body.append("file", new Blob([file.bytes], { type: file.declared }), file.name);
  const answer = await fetch(`${server.origin}/v1/upload`, { method: "POST", headers, body });
  if (answer.status !== 200) throw new Error(`${file.name} was refused: ${answer.status} ${await answer.text()}`);
  const { data } = (await answer.json()) as { data: { _id: string; type: string; url: string } };
  return { file, id: data._id, type: data.type, url: data.url };
}

/** A tab that remembers which files ran, and where. */
async function openWatched(): Promise<{ tab: Tab; page: Page; ran: string[]; dialogs: string[] }> {
  const tab = await openTab(browser);
  const ran: string[] = [];
  const dialogs: string[] = [];
  tab.context.on("request", (request) => {
    const url = new URL(request.url());
    if (url.pathname === "/ran") ran.push(`${url.searchParams.get("file")} on ${url.searchParams.get("on")}`);
  });
  tab.page.on("dialog", (dialog) => {
    dialogs.push(dialog.message());
    void dialog.dismiss();
  });
  return { tab, page: tab.page, ran, dialogs };
}

/** Nothing that a script could have left behind on the origin. */
async function expectNoTrace(tab: Tab): Promise<void> {
  const page = await tab.context.newPage();
  await page.goto(`${server.origin}/healthz`);
  const left = await page.evaluate(async () => ({
    stored: Object.keys(localStorage),
    cookie: document.cookie,
    workers: (await navigator.serviceWorker.getRegistrations()).length,
  }));
  expect(left).toEqual({ stored: [], cookie: "", workers: 0 });
  expect(await tab.context.cookies()).toEqual([]);
}

/** Every element that loads what it is pointed at. */
function embed(urls: readonly string[]): string {
  return urls
    .map((url) => url.replaceAll("&", "&amp;"))
    .map(
      (url) => `<iframe src="${url}"></iframe><object data="${url}"></object><embed src="${url}">
<script src="${url}"></script><script type="module" src="${url}"></script>
<link rel="stylesheet" href="${url}"><link rel="manifest" href="${url}"><img src="${url}"><video src="${url}"></video>`,
    )
    .join("\n");
}

/** A script of the page's own, which must be heard: else nothing would be. */
const heard = `<script>new Image().src = "${server.origin}/ran?file=this-page&on=" + origin</script>`;

/** The page has loaded what it can; what is saved instead never loads. */
async function settle(page: Page): Promise<void> {
  await page.waitForLoadState("load").catch(() => undefined);
  await page.waitForTimeout(1000);
}

const signedLink = async ({ id }: Stored) => {
  const answer = await fetch(`${server.origin}/v1/upload/url/${id}?disposition=inline`, { headers });
  return ((await answer.json()) as { data: string }).data;
};

/** A link such as the deployment's owner could sign by hand, with whatever parameters. */
async function sign(url: string, parameters: Readonly<Record<string, string>>): Promise<string> {
  const address = new URL(url);
  for (const [name, value] of Object.entries({ "X-Amz-Expires": "60", ...parameters })) {
    address.searchParams.set(name, value);
  }
  const secretAccessKey = secretNamed(inject("serverPlace").secrets, "LINK_SECRET");
  const signer = new AwsV4Signer({
    url: address.href,
    method: "GET",
    accessKeyId: "sluice",
    secretAccessKey,
    service: "s3",
    region: "auto",
    signQuery: true,
  });
  const signature = await signer.signature();
  return `${signer.url.origin}${signer.encodedPath}?${signer.encodedSearch}&X-Amz-Signature=${signature}`;
}

describe("The headers", () => {
  const check = async (file: ActiveFile): Promise<void> => {
    const entry = stored.find((one) => one.file === file)!;
    for (const url of [entry.url, await signedLink(entry)]) {
      const answer = await fetch(url);
      expect(answer.status).toBe(200);
      expect(answer.headers.get("content-disposition")).toMatch(file.shown ? /^inline; / : /^attachment; /);
      expect(answer.headers.get("x-content-type-options")).toBe("nosniff");
      expect(answer.headers.get("content-security-policy")).toMatch(/^default-src 'none';.* sandbox$/);
      // What a page would run from `script src`, or a browser as a service worker, whatever the disposition.
      expect(answer.headers.get("content-type")).not.toMatch(/(?:java|ecma|j|live)script|css|wasm/);
    }
  };
  for (const file of files) test(file.name, () => check(file));
});

describe("No script runs", () => {
  test("when the file is opened; what is active is saved instead", { timeout: 90_000 }, async () => {
    const { tab, page, ran, dialogs } = await openWatched();
    for (const entry of stored) {
      for (const url of [entry.url, await signedLink(entry)]) {
        const download = page.waitForEvent("download", { timeout: 10_000 }).catch(() => null);
        const answer = await page.goto(url).catch(() => null);
        if (entry.file.shown) {
          expect([entry.file.name, answer?.status()]).toEqual([entry.file.name, 200]);
          expect(await page.evaluate(() => document.contentType)).toBe(entry.type);
        } else {
          expect([entry.file.name, (await download)?.suggestedFilename()]).toEqual([entry.file.name, entry.file.name]);
        }
      }
    }
    expect({ ran, dialogs }).toEqual({ ran: [], dialogs: [] });
    await expectNoTrace(tab);
    await tab.close();
  });

  test("when another site's page embeds it", async () => {
    const { tab, page, ran, dialogs } = await openWatched();
    elsewherePage = `<!doctype html>${embed(stored.map(({ url }) => url))}<img id="picture" src="${picture.url}">${heard}`;
    await page.goto(elsewhereOrigin, { waitUntil: "commit" });
    await settle(page);
    // The page may show pictures, and what runs is heard: neither is stopped by something else.
    expect(await page.locator("#picture").evaluate((image) => (image as HTMLImageElement).naturalWidth)).toBe(1600);
    expect({ ran, dialogs }).toEqual({ ran: [`this-page on ${elsewhereOrigin}`], dialogs: [] });
    await expectNoTrace(tab);
    await tab.close();
  });

  test("when a page of the same origin without any policy embeds it, or wants it as a service worker", async () => {
    const { tab, page, ran, dialogs } = await openWatched();
    const urls = await Promise.all(stored.map(signedLink));
    const body = `<!doctype html>${embed(urls)}${heard}`;
    await page.route(`${server.origin}/open-page`, (route) => route.fulfill({ contentType: "text/html", body }));
    await page.goto(`${server.origin}/open-page`, { waitUntil: "commit" });
    await settle(page);
    const refusals = await page.evaluate(
      async (all) =>
        Promise.all(
          all.map((url) =>
            navigator.serviceWorker.register(url).then(
              () => `${url} was registered`,
              (error: Error) => error.name,
            ),
          ),
        ),
      urls,
    );
    expect(new Set(refusals)).toEqual(new Set(["SecurityError"]));
    expect({ ran, dialogs }).toEqual({ ran: [`this-page on ${server.origin}`], dialogs: [] });
    await expectNoTrace(tab);
    await tab.close();
  });
});

describe("A link", () => {
  const named = (name: string) => stored.find(({ file }) => file.name === name)!;

  test.each([
    "text/html",
    "image/svg+xml",
    "application/xml",
    "application/xhtml+xml",
    "text/javascript",
    "application/pdf",
    "text/html;image/png",
  ])("cannot make a picture %s, however well it is signed", async (type) => {
    const answer = await fetch(await sign(named("picture-page.png").url, { "response-content-type": type }));
    expect([answer.status, answer.headers.get("content-type")]).toEqual([403, "application/problem+json"]);
  });

  test("cannot have an active file shown in place", async () => {
    const { tab, page, ran, dialogs } = await openWatched();
    for (const name of ["page.html", "drawing.svg", "sheet.xml", "form.pdf"]) {
      const download = page.waitForEvent("download", { timeout: 10_000 });
      const link = await sign(named(name).url, { "response-content-disposition": 'inline; filename="shown.html"' });
      await page.goto(link).catch(() => null);
      expect((await download).suggestedFilename()).toBe("shown.html");
    }
    expect({ ran, dialogs }).toEqual({ ran: [], dialogs: [] });
    await tab.close();
  });

  test("can have a page shown as a picture, which it then is: a broken one", async () => {
    const { tab, page, ran, dialogs } = await openWatched();
    for (const type of ["image/png", "text/plain"]) {
      const answer = await page.goto(await sign(named("page.html").url, { "response-content-type": type }));
      expect(answer?.status()).toBe(200);
      expect(await page.evaluate(() => document.contentType)).toBe(type);
    }
    expect({ ran, dialogs }).toEqual({ ran: [], dialogs: [] });
    await expectNoTrace(tab);
    await tab.close();
  });
});
