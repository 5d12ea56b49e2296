/** The gallery page in Chromium, against the real server: what a visitor does, and that nothing breaks its policy. */
import { existsSync } from "node:fs";
import { chromium, type Browser, type Page } from "playwright-core";
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from "vitest";
import { startServer, type Server } from "./server.ts";

const executablePath = ["/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"].find((path) =>
  existsSync(path),
);
let server: Server;
let browser: Browser;
let page: Page;
let complaints: string[];

beforeAll(async () => {
  if (executablePath === undefined) throw new Error("Chromium is missing: apt-get install chromium");
  server = await startServer();
  // A container's root has no sandbox.
  browser = await chromium.launch({ executablePath, args: ["--no-sandbox"] });
}, 90_000);

afterAll(async () => {
  await browser.close();
  await server.close();
});

beforeEach(async () => {
  complaints = [];
  page = await browser.newPage();
  page.on("console", (message) => {
    if (message.type() === "error") complaints.push(message.text());
  });
  page.on("pageerror", (error) => complaints.push(error.message));
});

afterEach(async () => {
  await page.close();
});

const photo = (name: string) => new URL(`../photos/${name}`, import.meta.url).pathname;
const openAs = async (id: string) => page.goto(`${server.origin}/#token=${await server.token(id)}`);

test("a visitor uploads three pictures, sees them over their colours, and deletes one", async () => {
  await openAs("visitor");
  await page.getByText("Nothing here yet.").waitFor();
  // A token in the address would end up in histories and screenshots.
  expect(page.url()).toBe(`${server.origin}/`);
  const names = ["sunset-1600.jpg", "picos-1200-exif-gps-rotated.jpg", "seeding-round-640.png"];
  await page.setInputFiles("#files", names.map(photo));
  await page.getByText("3 files stored.").waitFor();
  await page.waitForFunction(() => document.querySelectorAll(".frame.shown").length === 3);
  const colors = await page.locator(".caption code").allTextContents();
  const placeholders = await page
    .locator(".tile")
    .evaluateAll((tiles) => tiles.map((tile) => (tile as HTMLElement).style.getPropertyValue("--placeholder")));
  expect(placeholders).toEqual(colors);
  expect(colors.every((color) => /^#[0-9a-f]{6}$/.test(color))).toBe(true);

  await page.locator(".delete").first().click();
  await page.getByText("Really delete?").click();
  await page.getByText("Deleted.").waitFor();
  await page.waitForFunction(() => document.querySelectorAll(".frame.shown").length === 2);
  expect(complaints).toEqual([]);
});

// my-gallery still lists rows whose file is gone, and a browser may have kept the picture: to be decided in the ABI.
test("what was deleted stays away after a reload", async () => {
  await openAs("visitor_04");
  await page.setInputFiles("#files", photo("sunset-1600.jpg"));
  await page.locator(".frame.shown").waitFor();
  await page.locator(".delete").click();
  await page.getByText("Really delete?").click();
  await page.getByText("Deleted.").waitFor();
  await page.reload();
  await page.getByText("of visitor_04").waitFor();
  await page.getByText("Nothing here yet.").waitFor();
  expect(complaints).toEqual([]);
});

test("a refusal is told in the answer's words", async () => {
  await openAs("visitor_02");
  await page.setInputFiles("#files", { name: "a.png", mimeType: "image/png", buffer: Buffer.from("<p>not a picture") });
  await page.locator("#notice.bad").waitFor();
  expect(await page.locator("#notice").textContent()).toMatch(/a\.png/);
  await page.getByText("Nothing here yet.").waitFor();
});

test("a token that is not valid is forgotten, another can be pasted", async () => {
  await page.goto(`${server.origin}/#token=a.b.c`);
  await page.getByText("This token is not valid").waitFor();
  await page.getByLabel("Token").fill(await server.token("visitor_03"));
  await page.getByRole("button", { name: "Open" }).click();
  await page.getByText("of visitor_03").waitFor();
  await page.getByRole("button", { name: "Forget token" }).click();
  await page.reload();
  await page.getByLabel("Token").waitFor();
});
