/**
 * Takes the pictures of the gallery page and of `/docs` in docs/images: Chromium on a server of its own, which is gone afterwards.
 *
 *     npx node tools/screenshots.ts
 */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { chromium, type Browser, type BrowserContextOptions, type Page } from "playwright-core";
import sharp from "sharp";
import { anyFreePort } from "../src/compiler/sql/postgres/free-port.ts";
import { completeSecrets, secretNamed } from "../src/cli/local/secrets.ts";
import { signToken } from "../src/cli/local/sign-token.ts";
import { migrate, startRuntime } from "../src/cli/local/start-runtime.ts";
import { projectFolder } from "../src/cli/local/wrangler.ts";

/** Slow enough for the bars to be seen on their way. */
const UPLOAD_BYTES_PER_SECOND = 250_000;
const COLORS = 200;

const photo = (name: string) => join(projectFolder, "test/support/photos", name);
/** The last is the first that is seen. */
const photos = ["seeding-round-640.png", "sunset-1600.jpg", "seeding-16mp-progressive.jpg"].map(photo);
const privatePhoto = photo("umang-8mp-baseline.jpg");
const desktop = { viewport: { width: 1120, height: 700 } };
const phone = { viewport: { width: 390, height: 760 }, isMobile: true, hasTouch: true };

interface Visit {
  readonly browser: Browser;
  readonly origin: string;
  readonly token: string;
}

async function open({ browser, origin, token }: Visit, options: BrowserContextOptions): Promise<Page> {
  const context = await browser.newContext({ reducedMotion: "reduce", ...options });
  const page = await context.newPage();
  await page.goto(`${origin}/#token=${token}`);
  await page.getByRole("button", { name: "Upload as public" }).waitFor();
  return page;
}

/** Few colours keep the repository small, and nobody sees it at this size. */
async function save(page: Page, name: string): Promise<void> {
  const path = join(projectFolder, `docs/images/page-${name}.png`);
  const { size } = await sharp(await page.screenshot())
    .png({ palette: true, colors: COLORS, effort: 10 })
    .toFile(path);
  console.log(`docs/images/page-${name}.png ${Math.ceil(size / 1024)} KiB`);
}

/** So many files are there, and whatever pictures their tiles have. */
async function shown(page: Page, count: number): Promise<void> {
  await page.waitForFunction((wanted) => document.querySelectorAll(".tile .frame[data-do]").length === wanted, count);
  await page.waitForFunction(() =>
    [...document.querySelectorAll(".frame:has(img)")].every(({ classList }) => classList.contains("shown")),
  );
}

async function throttle(page: Page, bytesPerSecond: number): Promise<() => Promise<void>> {
  const session = await page.context().newCDPSession(page);
  const conditions = { offline: false, latency: 0, downloadThroughput: -1 };
  const send = (uploadThroughput: number) =>
    session.send("Network.emulateNetworkConditions", { ...conditions, uploadThroughput });
  await session.send("Network.enable");
  await send(bytesPerSecond);
  return async () => {
    await send(-1);
  };
}

async function takeFirst({ browser, origin }: Visit): Promise<void> {
  const page = await browser.newPage(desktop);
  await page.goto(origin);
  await page.getByRole("textbox", { name: "Token" }).waitFor();
  await save(page, "first");
}

async function take(visit: Visit): Promise<void> {
  const page = await open(visit, desktop);
  await page.getByRole("heading", { name: "Nothing here yet" }).waitFor();
  await save(page, "empty");

  await page.getByRole("radio", { name: "Private" }).check();
  await page.setInputFiles("#files", privatePhoto);
  await shown(page, 1);
  await page.getByRole("radio", { name: "Public" }).check();
  await page.getByRole("button", { name: "Close this message" }).click();
  const release = await throttle(page, UPLOAD_BYTES_PER_SECOND);
  await page.setInputFiles("#files", photos);
  await page.waitForFunction(() => [...document.querySelectorAll("progress")].some(({ value }) => value > 0.4));
  await save(page, "uploading");
  await release();
  await shown(page, photos.length + 1);
  await page.reload();
  await shown(page, photos.length + 1);
  await save(page, "filled");

  await page.getByRole("button", { name: "Details of seeding-16mp-progressive.jpg" }).click();
  await page.waitForFunction(() => document.querySelector("#details .frame.shown") !== null);
  await save(page, "details");
  await page.getByRole("dialog").getByRole("button", { name: "Copy link" }).click();
  await save(page, "link");

  const dark = await open(visit, { ...desktop, colorScheme: "dark" });
  await shown(dark, photos.length + 1);
  for (const name of ["sunset-1600.jpg", "seeding-round-640.png"]) {
    await dark.getByRole("checkbox", { name: `Select ${name}` }).check();
  }
  await save(dark, "selected");
  await dark.getByRole("button", { name: "Delete", exact: true }).click();
  await dark.getByRole("button", { name: "Trash" }).click();
  await dark.getByRole("button", { name: "Restore sunset-1600.jpg" }).waitFor();
  await save(dark, "trash");
  await dark.getByRole("button", { name: "Undo" }).click();
  await dark.getByRole("heading", { name: "The trash is empty" }).waitFor();

  const narrow = await open(visit, { ...phone, colorScheme: "dark" });
  await shown(narrow, photos.length + 1);
  await save(narrow, "narrow");
}

/** The viewer comes from a CDN; here are the same bytes. */
async function takeDocs({ browser, origin }: Visit): Promise<void> {
  const page = await browser.newPage({ viewport: { width: 1120, height: 900 } });
  await page.route("https://cdn.jsdelivr.net/**", (route) => {
    const name = route.request().url().split("/").at(-1) ?? "";
    const path = join(projectFolder, "node_modules/swagger-ui-dist", name);
    return route.fulfill({ path, headers: { "Access-Control-Allow-Origin": "*" } });
  });
  await page.goto(`${origin}/docs`);
  await page.getByRole("button", { name: "POST /upload-gallery", exact: true }).click();
  const operation = page.locator("#operations-Endpoints-upload-gallery-01");
  await operation.getByRole("button", { name: "Execute" }).waitFor();
  await operation.scrollIntoViewIfNeeded();
  await save(page, "docs");
}

const folder = await mkdtemp(join(tmpdir(), "sluice-screenshots-"));
try {
  const secretsPath = join(folder, "secrets");
  const secret = secretNamed(await completeSecrets(secretsPath), "JWT_SECRET_KEY");
  await migrate(folder);
  const runtime = await startRuntime({
    port: await anyFreePort(),
    storageFolder: folder,
    secretsPath,
    onLine: () => undefined,
    patienceMs: 60_000,
  });
  const browser = await chromium.launch({ executablePath: "/usr/bin/chromium", args: ["--no-sandbox"] });
  try {
    const token = await signToken({ secret, claims: { id: "user_01" }, expiresSeconds: 600 });
    const visit = { browser, origin: runtime.origin, token };
    await takeFirst(visit);
    await take(visit);
    await takeDocs(visit);
  } finally {
    await browser.close();
    await runtime.stop();
  }
} finally {
  await rm(folder, { recursive: true, force: true, maxRetries: 5 });
}
