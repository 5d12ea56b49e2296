/** The gallery page without a mouse, by ear, on a phone, and for who has no token. */
import type { Browser, Locator, Page } from "playwright-core";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, inject, test } from "vitest";
import { launchBrowser, openTab, photo, throttleUploads, type Tab } from "./browser.ts";
import { makeSmallPhotos, type SmallPhotos } from "./small-photos.ts";
import { knowServer } from "../../support/node/server.ts";

const SUNSET = photo("sunset-1600.jpg");
/** What a finger needs. */
const FINGER_PIXELS = 44;

const server = knowServer(inject("serverPlace"));
let browser: Browser;
let tab: Tab;
let page: Page;
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

beforeEach(() => useTab({}));

afterEach(() => tab.close());

async function useTab(options: Parameters<typeof openTab>[1]): Promise<void> {
  tab = await openTab(browser, options);
  page = tab.page;
  page.setDefaultTimeout(15_000);
}

async function openAs(id: string, ...files: string[]): Promise<void> {
  await page.goto(`${server.origin}/#token=${await server.token(id)}`);
  await page.getByText(id, { exact: true }).waitFor();
  if (files.length > 0) await page.setInputFiles("#files", files);
  await page.waitForFunction((count) => document.querySelectorAll(".frame.shown").length === count, files.length);
}

const button = (name: string) => page.getByRole("button", { name, exact: true });
const isFocused = (locator: Locator) => locator.evaluate((element) => element === document.activeElement);
const press = (...keys: string[]) =>
  keys.reduce((before, key) => before.then(() => page.keyboard.press(key)), Promise.resolve());

test("upload, details, link, delete and undo with the keyboard alone", async () => {
  await openAs("keyboard_user", DISC);
  await page.reload();
  await button("Details of seeding-round-640.png").waitFor();

  // Early: the browser is told to leave choosing to the test, and takes a moment to hear it.
  const chooser = page.waitForEvent("filechooser", { timeout: 60_000 });
  await press("Tab");
  expect(await isFocused(page.getByRole("link", { name: "Skip to the files" }))).toBe(true);
  await press("Tab");
  expect(await isFocused(button("Sign out"))).toBe(true);
  await press("Tab");
  expect(await isFocused(page.getByRole("radio", { name: "Public" }))).toBe(true);
  await press("ArrowRight");
  expect(await page.getByRole("radio", { name: "Private" }).isChecked()).toBe(true);
  expect(await button("Upload as private").isVisible()).toBe(true);
  await press("ArrowLeft", "Tab");
  expect(await isFocused(button("Upload as public"))).toBe(true);
  await press("Enter");
  await (await chooser).setFiles(SUNSET);
  await button("Details of sunset-1600.jpg").waitFor();

  // The two views, the search, the kind, the visibility, the order.
  await press("Tab", "Tab", "Tab", "Tab", "Tab", "Tab", "Tab");
  expect(await isFocused(button("Details of sunset-1600.jpg"))).toBe(true);
  await press("Enter");
  const details = page.getByRole("dialog", { name: "sunset-1600.jpg" });
  await details.waitFor();
  await press("Escape");
  expect(await isFocused(button("Details of sunset-1600.jpg"))).toBe(true);

  await press("Tab", "Space");
  expect(await page.getByRole("checkbox", { name: "Select sunset-1600.jpg" }).isChecked()).toBe(true);
  await press("Escape");
  expect(await page.getByRole("checkbox", { name: "Select sunset-1600.jpg" }).isChecked()).toBe(false);

  await press("Tab", "Enter");
  const link = page.getByRole("dialog", { name: "Copy a link" });
  expect(await isFocused(link.getByRole("button", { name: "Copy link" }))).toBe(true);
  // The group of lives is one stop; the arrows choose in it.
  await press("Shift+Tab", "Shift+Tab", "Shift+Tab");
  expect(await isFocused(link.getByRole("radio", { name: "1 day" }))).toBe(true);
  await press("ArrowLeft");
  expect(await link.getByRole("radio", { name: "1 hour" }).isChecked()).toBe(true);
  await press("Enter");
  await link.getByRole("textbox", { name: "The link" }).waitFor();
  await press("Escape");
  expect(await isFocused(button("Copy a link to sunset-1600.jpg"))).toBe(true);

  await press("Tab", "Enter");
  await page.getByRole("status").getByText("Deleted sunset-1600.jpg.").waitFor();
  expect(await isFocused(button("Details of seeding-round-640.png"))).toBe(true);
  await press("Control+z");
  await page.getByRole("status").getByText("sunset-1600.jpg is back.").waitFor();
  expect(await isFocused(button("Details of sunset-1600.jpg"))).toBe(true);
  expect(tab.complaints).toEqual([]);
});

test("a dialog that closes leaves the focus where its visitor has gone meanwhile", async () => {
  await openAs("quick_user", DISC);
  await button("Details of seeding-round-640.png").click();
  await page.getByRole("dialog", { name: "seeding-round-640.png" }).waitFor();
  await page.evaluate(() => {
    document.querySelector<HTMLElement>("#details [data-do=close]")?.click();
    document.querySelector<HTMLElement>(".tile .pick")?.focus();
  });
  await page.waitForTimeout(200);
  expect(await isFocused(page.getByRole("checkbox", { name: "Select seeding-round-640.png" }))).toBe(true);
});

test("what a screen reader finds", async () => {
  await openAs("listener", SUNSET);
  await throttleUploads(tab, 100_000);
  await page.setInputFiles("#files", PEAK);
  await page.getByRole("progressbar").waitFor();
  const tree = await page.locator("body").ariaSnapshot();
  for (const line of [
    '- link "Skip to the files"',
    '- heading "Gallery" [level=1]',
    '- group "Who can open what is uploaded"',
    '- radio "Public" [checked]',
    '- radio "Private"',
    '- button "Upload as public"',
    '- navigation "Files and trash"',
    '- button "Trash"',
    "- search:",
    '- searchbox "Search by name"',
    '- combobox "Type":',
    "- main:",
    '- region "Files":',
    '- progressbar "Upload of picos-1200-exif-gps-rotated.jpg"',
    '- button "Cancel picos-1200-exif-gps-rotated.jpg"',
    '- button "Details of sunset-1600.jpg"',
    '- button "Copy a link to sunset-1600.jpg"',
    '- button "Delete sunset-1600.jpg"',
    "Uploading 1 file, public.",
    '- checkbox "Select sunset-1600.jpg"',
  ]) {
    expect(tree).toContain(line);
  }
  await button("Details of sunset-1600.jpg").click();
  const dialogs = await page.getByRole("dialog").ariaSnapshot();
  for (const line of [
    '- dialog "sunset-1600.jpg":',
    "- term: Dimensions",
    "- definition: 1600 × 1067",
    '- img "sunset-1600.jpg"',
  ]) {
    expect(dialogs).toContain(line);
  }
  // A control without a name has nothing behind its role.
  expect(tree + dialogs).not.toMatch(/- (?:button|link|textbox|checkbox|radio|switch|progressbar|img)(?:\n|:|$| \[)/m);
  await throttleUploads(tab, null);
});

test("a phone: nothing wider than the screen, nothing too small for a finger", async () => {
  await tab.close();
  await useTab({ viewport: { width: 360, height: 740 }, isMobile: true, hasTouch: true, deviceScaleFactor: 2 });
  await openAs("phone", SUNSET, DISC, PEAK);
  const overflow = () => page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
  const tooSmall = (within: string) =>
    page.locator(`${within} :is(button, a, label)`).evaluateAll(
      (all, least) =>
        all
          .filter((element) => element.checkVisibility() && !element.matches("dd a, .skip"))
          .filter((element) => Math.round(element.getBoundingClientRect().height) < least)
          .map((element) => element.outerHTML),
      FINGER_PIXELS,
    );
  expect(await overflow()).toBe(0);
  expect(await tooSmall("body")).toEqual([]);
  await button("Details of sunset-1600.jpg").tap();
  await page.getByRole("dialog").getByText("1600 × 1067").waitFor();
  expect(await tooSmall("#details")).toEqual([]);
  await page.getByRole("dialog").getByRole("button", { name: "Copy link" }).tap();
  expect(await overflow()).toBe(0);
  expect(await tooSmall("#link")).toEqual([]);
  expect(tab.complaints).toEqual([]);
});

test("who wants little motion gets none", async () => {
  await tab.close();
  await useTab({ reducedMotion: "reduce", colorScheme: "dark" });
  await openAs("calm", SUNSET);
  const image = page.locator(".frame img");
  expect(await image.evaluate((element) => getComputedStyle(element).transitionDuration)).toBe("0s");
});

test("a token that is not valid is forgotten, another can be pasted", async () => {
  await page.goto(`${server.origin}/#token=a.b.c`);
  await page.getByText("This token is not valid").waitFor();
  await page.getByRole("textbox", { name: "Token" }).fill(await server.token("newcomer"));
  await button("Open").click();
  await page.getByText("newcomer", { exact: true }).waitFor();
  await page.getByRole("heading", { name: "Nothing here yet" }).waitFor();
  await button("Sign out").click();
  await page.reload();
  await page.getByRole("textbox", { name: "Token" }).waitFor();
});

describe("A token in the address", () => {
  const PASTED = "pasted_owner";
  const question = () => page.getByRole("dialog", { name: "Switch to another gallery?" });
  const addressOf = async (id: string) => `${server.origin}/#token=${await server.token(id)}`;
  const isHere = (id: string) => page.locator("#who").getByText(id, { exact: true }).waitFor();
  const formOf = (somePage: Page) => somePage.getByRole("textbox", { name: "Token" });

  async function paste(id: string): Promise<void> {
    await page.goto(server.origin);
    await formOf(page).fill(await server.token(id));
    await button("Open").click();
    await isHere(id);
  }

  /** As a link does that is opened: the document is another one, and the tab's storage the same. */
  async function follow(address: string): Promise<void> {
    await page.goto("about:blank");
    await page.goto(address);
  }

  test("lets in who has none, in that tab alone, also when it is loaded again", async () => {
    await openAs("first_visitor", DISC);
    expect(page.url()).toBe(`${server.origin}/`);
    await page.reload();
    await isHere("first_visitor");
    const other = await tab.context.newPage();
    await other.goto(server.origin);
    await formOf(other).waitFor();
    expect(await other.locator("#gallery").isVisible()).toBe(false);
  });

  test("of the same person is taken without a question", async () => {
    await paste(PASTED);
    const kept = await page.evaluate(() => localStorage.getItem("sluice-token"));
    const fresh = await server.token(PASTED);
    await follow(`${server.origin}/#token=${fresh}`);
    await isHere(PASTED);
    expect(await question().isVisible()).toBe(false);
    expect(await page.evaluate(() => sessionStorage.getItem("sluice-token"))).toBe(fresh);
    expect(await page.evaluate(() => localStorage.getItem("sluice-token"))).toBe(kept);
  });

  test("of somebody else asks first: staying is the way that costs nothing", async () => {
    await paste(PASTED);
    for (const stay of [() => press("Enter"), () => press("Escape")]) {
      await follow(await addressOf("stranger"));
      await question().getByText(`You are signed in as ${PASTED}. This link is for stranger.`).waitFor();
      expect(page.url()).toBe(`${server.origin}/`);
      await isHere(PASTED);
      expect(await isFocused(question().getByRole("button", { name: `Stay as ${PASTED}` }))).toBe(true);
      await stay();
      await question().waitFor({ state: "hidden" });
      await isHere(PASTED);
      await page.reload();
      await isHere(PASTED);
    }
    expect(tab.complaints).toEqual([]);
  });

  test("of somebody else, chosen, is good for that tab; the others keep theirs", async () => {
    await paste(PASTED);
    await follow(await addressOf("second_visitor"));
    await question().getByRole("button", { name: "Switch to second_visitor" }).click();
    await isHere("second_visitor");
    await page.getByRole("heading", { name: "Nothing here yet" }).waitFor();
    await page.reload();
    await isHere("second_visitor");
    const other = await tab.context.newPage();
    await other.goto(server.origin);
    await other.locator("#who").getByText(PASTED, { exact: true }).waitFor();
    await button("Sign out").click();
    await page.reload();
    await formOf(page).waitFor();
  });

  test("that comes while somebody is here changes nothing, and leaves the address", async () => {
    await openAs("first_visitor", DISC);
    for (const id of ["second_visitor", "first_visitor"]) {
      await page.evaluate((hash) => (location.hash = hash), `token=${await server.token(id)}`);
      const told = page.locator("#toasts").getByText("You are signed in as first_visitor: the link changes nothing.");
      await told.waitFor();
      await button("Close this message").first().click();
      await told.waitFor({ state: "detached" });
      expect(page.url()).toBe(`${server.origin}/`);
      await isHere("first_visitor");
      expect(await question().isVisible()).toBe(false);
    }
    await page.reload();
    await isHere("first_visitor");
  });

  test("that comes while nobody is here lets in", async () => {
    await page.goto(server.origin);
    await formOf(page).waitFor();
    await page.evaluate((hash) => (location.hash = hash), `token=${await server.token("late_visitor")}`);
    await isHere("late_visitor");
  });

  test("that is forged in one's name costs that tab its token, and no other", async () => {
    await paste(PASTED);
    const [head = "", payload = ""] = (await server.token(PASTED)).split(".");
    await follow(`${server.origin}/#token=${head}.${payload}.AAAA`);
    await page.getByText("This token is not valid").waitFor();
    await page.reload();
    await isHere(PASTED);
  });

  test("that says nothing is somebody's, and asks", async () => {
    await paste(PASTED);
    await follow(`${server.origin}/#token=a.b.c`);
    await question().getByRole("button", { name: "Switch to somebody" }).waitFor();
    await press("Escape");
    await isHere(PASTED);
  });

  test("a name in any script is shown as it is", async () => {
    await openAs("Žofie 🐟");
  });
});
