/** The gallery page in Chromium, against the real server: what a visitor does, and that nothing breaks its policy. */
import { readFile } from "node:fs/promises";
import type { Browser, Locator, Page } from "playwright-core";
import { thumbHashToRGBA } from "thumbhash";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, inject, test } from "vitest";
import { dropFiles, launchBrowser, loseAnswer, openTab, photo, throttleUploads, type Tab } from "./browser.ts";
import { makeSmallPhotos, type SmallPhotos } from "./small-photos.ts";
import { knowServer, waitFor } from "../../support/node/server.ts";

const SUNSET = photo("sunset-1600.jpg");
const LARGE = photo("seeding-16mp-progressive.jpg");

const server = knowServer(inject("serverPlace"));
let browser: Browser;
let tab: Tab;
let page: Page;
let visitors = 0;
let photos: SmallPhotos;
let PEAK: string;
let DISC: string;

beforeAll(async () => {
  browser = await launchBrowser();
  photos = await makeSmallPhotos("picos-1200-exif-gps-rotated.jpg", "seeding-round-640.png");
  PEAK = photos.path("picos-1200-exif-gps-rotated.jpg");
  DISC = photos.path("seeding-round-640.png");
});

afterAll(async () => {
  await browser.close();
  await photos.remove();
});

beforeEach(async () => {
  tab = await openTab(browser, { permissions: ["clipboard-read", "clipboard-write"] });
  page = tab.page;
  page.setDefaultTimeout(15_000);
});

afterEach(() => tab.close());

/** Somebody whose gallery is empty. */
async function openAsSomebody(): Promise<string> {
  visitors += 1;
  const id = `visitor_${visitors}`;
  await page.goto(`${server.origin}/#token=${await server.token(id)}`);
  await page.getByRole("heading", { name: "Nothing here yet" }).waitFor();
  return id;
}

const upload = (...files: string[]) => page.setInputFiles("#files", files);
const button = (name: string) => page.getByRole("button", { name, exact: true });
const tile = (name: string) => page.getByRole("listitem").filter({ hasText: name });
const detailsOf = (name: string) => page.getByRole("button", { name: `Details of ${name}` });
const said = (text: string) => page.locator("#toasts").getByText(text).waitFor();
const names = () => page.locator(".tile .name").allTextContents();
const isFocused = (locator: Locator) => locator.evaluate((element) => element === document.activeElement);

/** Both are stored and their pictures have come. */
async function shown(count: number): Promise<void> {
  await page.waitForFunction((wanted) => document.querySelectorAll(".frame.shown").length === wanted, count);
}

describe("Uploading", () => {
  test("several files, from the form field, each under its own name", async () => {
    const id = await openAsSomebody();
    // A token in the address would end up in histories and screenshots.
    expect(page.url()).toBe(`${server.origin}/`);
    await page.getByText(id, { exact: true }).waitFor();
    await upload(SUNSET, PEAK, DISC);
    await said("3 files stored.");
    await shown(3);
    expect(await names()).toEqual(["sunset-1600.jpg", "picos-1200-exif-gps-rotated.jpg", "seeding-round-640.png"]);
    expect(await page.locator("#count").textContent()).toBe("3 files");
    await tile("sunset-1600.jpg").getByText("1600 × 1067 · 174 KB").waitFor();
    expect(tab.complaints).toEqual([]);
  });

  test("by dragging them onto the page; a folder is declined", async () => {
    await openAsSomebody();
    await dropFiles(tab, [SUNSET, photo("")]);
    await said("Folders cannot be uploaded, only the files in them.");
    await said("1 file stored.");
    expect(await names()).toEqual(["sunset-1600.jpg"]);
    expect(await page.locator("#dropping").isVisible()).toBe(false);
  });

  test("tells how far it is, and can be cancelled: nothing stays", async () => {
    await openAsSomebody();
    const before = await server.traces();
    await throttleUploads(tab, 300_000);
    await upload(LARGE);
    const progress = page.getByRole("progressbar", { name: "Upload of seeding-16mp-progressive.jpg" });
    await page.waitForFunction(() => (document.querySelector("progress")?.value ?? 0) > 0.2);
    expect(Number(await progress.getAttribute("max"))).toBe(1);
    expect(await tile("seeding-16mp-progressive.jpg").locator(".line").textContent()).toMatch(/^\d+ % of 1\.5 MB$/);
    await button("Cancel seeding-16mp-progressive.jpg").click();
    await page.getByRole("heading", { name: "Nothing here yet" }).waitFor();
    const isAsBefore = (now: typeof before) =>
      now.pendingFiles === 0 && now.openUploads === 0 && now.objects === before.objects;
    expect(await waitFor(() => server.traces(), isAsBefore)).toSatisfy(isAsBefore);
    await throttleUploads(tab, null);
    await page.reload();
    await page.getByRole("heading", { name: "Nothing here yet" }).waitFor();
  });

  test("two at a time; the others wait", async () => {
    await openAsSomebody();
    await throttleUploads(tab, 200_000);
    await upload(LARGE, DISC, PEAK, SUNSET);
    await page.waitForFunction(() => document.querySelectorAll(".uploading").length === 4);
    await page.waitForFunction(() => document.querySelectorAll(".uploading canvas").length === 2);
    expect(await page.getByText("Waiting", { exact: true }).count()).toBe(2);
    await button("Cancel sunset-1600.jpg").click();
    await throttleUploads(tab, null);
    await said("3 files stored.");
    expect(await names()).toEqual([
      "seeding-16mp-progressive.jpg",
      "seeding-round-640.png",
      "picos-1200-exif-gps-rotated.jpg",
    ]);
  });

  test("a refusal is told in the answer's words, and can be dismissed", async () => {
    await openAsSomebody();
    const buffer = Buffer.from("<p>not a picture");
    await page.setInputFiles("#files", { name: "a.png", mimeType: "image/png", buffer });
    const words = await page.getByRole("alert").textContent();
    expect(words).toMatch(/a\.png/);
    expect(words).toMatch(/image\/png/);
    // Sending it again cannot help.
    expect(await button("Retry a.png").isVisible()).toBe(false);
    await button("Dismiss a.png").click();
    await page.getByRole("heading", { name: "Nothing here yet" }).waitFor();
  });

  test("a lost connection can be tried again; what was stored unheard is not stored twice", async () => {
    await openAsSomebody();
    const unheard = await loseAnswer(tab, "*/v1/upload");
    await upload(SUNSET);
    expect(await unheard.status).toBe(200);
    await page.getByRole("alert").getByText("The connection was lost. Try again: nothing is stored twice.").waitFor();
    await button("Retry sunset-1600.jpg").click();
    await said("1 file stored.");
    await page.reload();
    await page.getByText("1 file", { exact: true }).waitFor();
    await shown(1);
  });
});

describe("Seeing", () => {
  test("colour and blur stand where the picture will be, and nothing moves when it comes", async () => {
    await openAsSomebody();
    let release = (): void => undefined;
    const gate = new Promise<void>((resolve) => (release = resolve));
    await page.route("**/files/**", async (route) => {
      await gate;
      await route.continue();
    });
    await upload(SUNSET, PEAK);
    await said("2 files stored.");
    const boxes = () =>
      page.locator(".tile").evaluateAll((all) => all.map((one) => JSON.stringify(one.getBoundingClientRect())));
    const before = await boxes();
    const frame = tile("sunset-1600.jpg").locator(".frame");
    expect(await frame.evaluate((element) => element.style.getPropertyValue("--placeholder"))).toMatch(
      /^#[0-9a-f]{6}$/,
    );
    expect(await frame.locator("canvas").evaluate((canvas) => (canvas as HTMLCanvasElement).width)).toBe(32);
    expect(await page.locator(".frame.shown").count()).toBe(0);
    const ratio = await frame.evaluate((element) => element.clientWidth / element.clientHeight);
    expect(ratio).toBeCloseTo(1600 / 1067, 1);
    release();
    await shown(2);
    expect(await boxes()).toEqual(before);
    expect(tab.complaints).toEqual([]);
  });

  test("the page reads thumbhashes as the reference does", async () => {
    const id = await openAsSomebody();
    await upload(SUNSET, PEAK, DISC);
    await said("3 files stored.");
    const answer = await fetch(`${server.origin}/v1/upload`, {
      headers: { Authorization: `Bearer ${await server.token(id)}` },
    });
    const { data } = (await answer.json()) as { data: { data: { meta: { thumbhash: string } }[] } };
    const hashes = data.data.map(({ meta }) => meta.thumbhash);
    expect(hashes).toHaveLength(3);
    for (const hash of hashes) {
      const expected = thumbHashToRGBA(Buffer.from(hash, "base64"));
      const read = await page.evaluate<{ w: number; h: number; rgba: number[] }>(
        `import("/gallery-page/files/thumbhash.js").then(({ readThumbhash }) => readThumbhash(${JSON.stringify(hash)}))
          .then(({ width, height, rgba }) => ({ w: width, h: height, rgba: [...rgba] }))`,
      );
      expect([read.w, read.h]).toEqual([expected.w, expected.h]);
      const furthest = Math.max(...read.rgba.map((value, index) => Math.abs(value - (expected.rgba[index] ?? 0))));
      expect(furthest).toBeLessThanOrEqual(1);
    }
  });

  test("a private picture is shown to its owner, and to nobody else", async () => {
    await openAsSomebody();
    await page.getByRole("radio", { name: "Private" }).check();
    await upload(SUNSET);
    await shown(1);
    await detailsOf("sunset-1600.jpg, private").click();
    const address = await page.getByRole("dialog").getByText(`${server.origin}/files/private/`).textContent();
    expect((await fetch(address ?? "")).status).toBe(404);
    await page.reload();
    await shown(1);
    expect(tab.complaints).toEqual([]);
  });

  test("details: all that is known of a file, and the way to the next", async () => {
    await openAsSomebody();
    await upload(SUNSET, DISC);
    await said("2 files stored.");
    await detailsOf("sunset-1600.jpg").click();
    const dialog = page.getByRole("dialog", { name: "sunset-1600.jpg" });
    const checksum = Buffer.from(await crypto.subtle.digest("SHA-256", await readFile(SUNSET))).toString("hex");
    for (const fact of ["image/jpeg", "174 KB (174,107 bytes)", "1600 × 1067", "Anyone", checksum, "1 of 2"]) {
      await dialog.getByText(fact, { exact: true }).waitFor();
    }
    expect(await dialog.getByRole("link", { name: `${server.origin}/files/` }).getAttribute("target")).toBe("_blank");
    await page.keyboard.press("ArrowRight");
    const next = page.getByRole("dialog", { name: "seeding-round-640.png" });
    await next.getByText("2 of 2").waitFor();
    expect(await next.getByRole("button", { name: "Next file" }).isDisabled()).toBe(true);
    await page.keyboard.press("Escape");
    expect(await isFocused(detailsOf("seeding-round-640.png"))).toBe(true);
  });

  test("more comes with scrolling", async () => {
    const id = await openAsSomebody();
    const picture = Buffer.from(
      "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==",
      "base64",
    );
    const headers = { Authorization: `Bearer ${await server.token(id)}` };
    for (let index = 0; index < 33; index += 1) {
      const body = new FormData();
      body.append("file", new Blob([picture], { type: "image/png" }), `dot-${index}.png`);
      expect((await fetch(`${server.origin}/v1/upload`, { method: "POST", headers, body })).status).toBe(200);
    }
    // So low that the first page's end is out of sight.
    await page.setViewportSize({ width: 360, height: 400 });
    await page.reload();
    await page.getByText("33 files", { exact: true }).waitFor();
    expect(await page.locator(".tile").count()).toBe(30);
    await page.mouse.wheel(0, 100_000);
    await page.waitForFunction(() => document.querySelectorAll(".tile").length === 33);
    expect(await button("Load more").isVisible()).toBe(false);
  });
});

describe("A link", () => {
  test("opens elsewhere for the life that was chosen, and not when it was altered", async () => {
    await openAsSomebody();
    await page.getByRole("radio", { name: "Private" }).check();
    await upload(SUNSET);
    await said("1 file stored.");
    await button("Copy a link to sunset-1600.jpg").click();
    const dialog = page.getByRole("dialog", { name: "Copy a link" });
    await dialog.getByRole("radio", { name: "1 hour" }).check();
    await dialog.getByRole("button", { name: "Copy link" }).click();
    await dialog.getByText(/^Copied\. It opens until /).waitFor();
    const link = await page.evaluate(() => navigator.clipboard.readText());
    expect(new URL(link).searchParams.get("X-Amz-Expires")).toBe("3600");
    expect(await dialog.getByRole("textbox", { name: "The link" }).inputValue()).toBe(link);

    const stranger = await openTab(browser);
    expect((await stranger.page.goto(link))?.status()).toBe(200);
    expect(await stranger.page.evaluate(() => document.images[0]?.naturalWidth)).toBe(1600);
    expect((await stranger.page.goto(link.replace("X-Amz-Expires=3600", "X-Amz-Expires=7200")))?.status()).toBe(403);
    await stranger.close();
  });

  test("that opens once, and one that saves", async () => {
    await openAsSomebody();
    await upload(SUNSET);
    await said("1 file stored.");
    await button("Copy a link to sunset-1600.jpg").click();
    const dialog = page.getByRole("dialog", { name: "Copy a link" });
    await dialog.getByRole("checkbox", { name: "Open once" }).check();
    await dialog.getByRole("checkbox", { name: "Save the file" }).check();
    await dialog.getByRole("button", { name: "Copy link" }).click();
    await dialog.getByText(/^Copied\. It opens once, until /).waitFor();
    const link = await dialog.getByRole("textbox", { name: "The link" }).inputValue();
    const first = await fetch(link);
    expect([first.status, first.headers.get("content-disposition")]).toEqual([
      200,
      'attachment; filename="sunset-1600.jpg"',
    ]);
    await first.arrayBuffer();
    expect((await fetch(link)).status).toBe(410);
    // What is shown would no longer be what was chosen.
    await dialog.getByRole("radio", { name: "7 days" }).check();
    expect(await dialog.getByRole("textbox", { name: "The link" }).isVisible()).toBe(false);
  });
});

describe("Deleting", () => {
  test("what was deleted stays away after a reload, and its address is empty", async () => {
    await openAsSomebody();
    await upload(SUNSET);
    await said("1 file stored.");
    await detailsOf("sunset-1600.jpg").click();
    const address = await page.getByRole("dialog").getByRole("link", { name: "/files/" }).getAttribute("href");
    await page.getByRole("dialog").getByRole("button", { name: "Delete" }).click();
    await said("Deleted sunset-1600.jpg.");
    expect(await isFocused(button("Upload as public"))).toBe(true);
    await page.reload();
    await page.getByRole("heading", { name: "Nothing here yet" }).waitFor();
    expect((await fetch(address ?? "")).status).toBe(404);
    expect(tab.complaints).toEqual([]);
  });

  test("undo brings it back to its place", async () => {
    await openAsSomebody();
    await upload(SUNSET, DISC, PEAK);
    await said("3 files stored.");
    const before = await names();
    await button("Delete seeding-round-640.png").click();
    await said("Deleted seeding-round-640.png.");
    expect(await names()).toHaveLength(2);
    expect(await page.locator("#count").textContent()).toBe("2 files");
    await button("Undo").click();
    await said("seeding-round-640.png is back.");
    expect(await names()).toEqual(before);
    expect(await isFocused(detailsOf("seeding-round-640.png"))).toBe(true);
    await shown(3);
    await page.reload();
    await shown(3);
  });

  test("what another window has deleted goes without a complaint", async () => {
    const id = await openAsSomebody();
    await upload(SUNSET);
    await said("1 file stored.");
    const other = await tab.context.newPage();
    await other.goto(`${server.origin}/#token=${await server.token(id)}`);
    await other.getByRole("button", { name: "Delete sunset-1600.jpg" }).click();
    await other.locator("#toasts").getByText("Deleted sunset-1600.jpg.").waitFor();
    await button("Delete sunset-1600.jpg").click();
    await page.getByRole("heading", { name: "Nothing here yet" }).waitFor();
  });
});
