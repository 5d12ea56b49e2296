/** The gallery page where there are many files: finding, selecting, the trash; and where the line is bad or the file is. */
import type { Browser, Page } from "playwright-core";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, inject, test } from "vitest";
import { launchBrowser, loseAnswer, openTab, photo, type Tab } from "./browser.ts";
import { listed as listedOn, openGalleryWith, texts, type Upload } from "./gallery.ts";
import { makeSmallPhotos, type SmallPhotos } from "./small-photos.ts";
import { knowServer } from "../../support/node/server.ts";

const SUNSET = photo("sunset-1600.jpg");

const server = knowServer(inject("serverPlace"));
let browser: Browser;
let photos: SmallPhotos;
let tab: Tab;
let page: Page;

beforeAll(async () => {
  browser = await launchBrowser();
  photos = await makeSmallPhotos("seeding-round-640.png");
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

const openWith = (...uploads: readonly Upload[]) => openGalleryWith(page, server, uploads);
const button = (name: string) => page.getByRole("button", { name, exact: true });
const box = (name: string) => page.getByRole("checkbox", { name: `Select ${name}`, exact: true });
const said = (text: string) => page.locator("#toasts").getByText(text).waitFor();
const names = () => page.locator(".tile .name").allTextContents();
const listed = (count: number) => listedOn(page, count);
const isActive = (selector: string) =>
  page.evaluate((wanted) => document.activeElement?.matches(wanted) === true, selector);
const selected = () => page.locator("#selected").textContent();

describe("Selecting", () => {
  test("one, a range by Shift, all by a key, none by Escape", async () => {
    await openWith(...texts("a.txt", "b.txt", "c.txt", "d.txt"));
    await box("d.txt").click();
    await page.keyboard.down("Shift");
    await box("b.txt").click();
    await page.keyboard.up("Shift");
    expect(await selected()).toBe("3 of 4 selected");
    expect(await box("a.txt").isChecked()).toBe(false);
    await page.keyboard.press("Control+a");
    expect(await selected()).toBe("4 of 4 selected");
    await page.locator("#spoken").getByText("4 of 4 selected.").waitFor();
    await page.keyboard.press("Escape");
    expect(await page.locator("#selection").isVisible()).toBe(false);
    // With the keyboard alone.
    await box("c.txt").focus();
    await page.keyboard.press("Space");
    await box("a.txt").focus();
    await page.keyboard.press("Shift+Space");
    expect(await selected()).toBe("3 of 4 selected");
    await button("Select nothing").focus();
    await page.keyboard.press("Enter");
    expect(await isActive(".tile button")).toBe(true);
    expect(tab.complaints).toEqual([]);
  });

  test("keys belong to the search while one types in it", async () => {
    await openWith(...texts("a.txt", "b.txt"));
    await box("a.txt").check();
    await page.getByRole("searchbox").fill("zzz");
    await page.keyboard.press("Control+a");
    await page.keyboard.press("Delete");
    expect(await page.getByRole("searchbox").inputValue()).toBe("");
    expect(await names()).toEqual(["b.txt", "a.txt"]);
  });

  test("all of them are deleted, and brought back to their places", async () => {
    await openWith(...texts("a.txt", "b.txt", "c.txt", "d.txt"));
    for (const name of ["c.txt", "b.txt"]) await box(name).check();
    await page.keyboard.press("Delete");
    await said("Deleted 2 files.");
    expect(await names()).toEqual(["d.txt", "a.txt"]);
    expect(await page.locator("#count").textContent()).toBe("2 files");
    expect(await page.locator("#selection").isVisible()).toBe(false);
    await page.keyboard.press("Control+z");
    await said("2 files are back.");
    expect(await names()).toEqual(["d.txt", "c.txt", "b.txt", "a.txt"]);
    await page.reload();
    await listed(4);
  });

  test("their links are copied, one a line, and each opens its file", async () => {
    await openWith({ name: "a.txt", bytes: "one", isPrivate: true }, { name: "b.txt", bytes: "two" });
    await page.keyboard.press("Control+a");
    await page.keyboard.press("Control+c");
    const dialog = page.getByRole("dialog", { name: "Copy 2 links" });
    await dialog.getByRole("button", { name: "Copy links" }).click();
    await dialog.getByText(/^Copied\. They open until /).waitFor();
    const links = (await page.evaluate(() => navigator.clipboard.readText())).split("\n");
    const opened = await Promise.all(links.map(async (link) => (await fetch(link)).text()));
    expect(opened).toEqual(["two", "one"]);
  });
});

describe("Finding", () => {
  const mixed: readonly Upload[] = [
    { name: "Alps.txt", bytes: "a" },
    { name: "beach.txt", bytes: "a longer text", isPrivate: true },
    { name: "data.json", type: "application/json", bytes: '{"a":1}' },
  ];

  test("by name, kind and visibility; what is not found is said, and all shown again", async () => {
    await openWith(...mixed);
    await page.getByRole("searchbox").fill("ALP");
    await listed(1);
    expect(await names()).toEqual(["Alps.txt"]);
    await page.locator("#spoken").getByText("1 found.").waitFor();
    await page.getByRole("combobox", { name: "Type" }).selectOption("Documents");
    await page.getByRole("heading", { name: "Nothing found" }).waitFor();
    await button("Show all files").click();
    await listed(3);
    expect(await isActive("[type=search]")).toBe(true);
    expect(await page.getByRole("combobox", { name: "Type" }).inputValue()).toBe("");
    await page.getByRole("combobox", { name: "Visibility" }).selectOption("Private");
    await listed(1);
    expect(await names()).toEqual(["beach.txt"]);
    expect(tab.complaints).toEqual([]);
  });

  test("in another order", async () => {
    await openWith(...mixed);
    const order = page.getByRole("combobox", { name: "Order" });
    for (const [choice, first] of [
      ["Oldest", "Alps.txt"],
      ["Size", "beach.txt"],
      ["Name", "Alps.txt"],
      ["Newest", "data.json"],
    ] as const) {
      await order.selectOption(choice);
      await page.waitForFunction(
        (name) =>
          document.querySelectorAll(".tile").length === 3 &&
          document.querySelector(".tile .name")?.textContent === name,
        first,
      );
    }
  });

  test("a name keeps its ending, however little room there is", async () => {
    const name = `${"a very long name ".repeat(8)}of 2026.final.txt`;
    await openWith({ name });
    const [head, tail] = await page.locator(".name span").evaluateAll((spans) => {
      const line = spans[0]?.parentElement?.getBoundingClientRect();
      return spans.map((span) => ({
        text: span.textContent,
        isInside: span.getBoundingClientRect().right <= (line?.right ?? 0) + 1,
      }));
    });
    expect([head?.isInside, tail?.isInside]).toEqual([true, true]);
    expect(tail?.text).toBe(".final.txt");
    expect(await names()).toEqual([name]);
  });
});

/** As the file API answers it. */
interface Document {
  readonly url: string;
  readonly meta: Record<string, unknown>;
}

describe("Tiles", () => {
  test("load thumbnails, and the whole file only in its details", async () => {
    await openWith();
    await page.setInputFiles("#files", [SUNSET, photo("seeding-round-640.png")]);
    await said("2 files stored.");
    // Any picture is as good as a thumbnail. That of the one is not there any more, however often it is asked for.
    const thumbnailOf = (file: Document, all: readonly Document[]): string => {
      const other = all.find(({ url }) => url !== file.url)?.url ?? "";
      return file.url.endsWith(".png") ? `${other}?of=disc` : `${server.origin}/files/gone.jpg`;
    };
    await page.route(/\/v1\/upload(?:\?|\/(?!limits)\w+$)/, async (route) => {
      const response = await route.fetch();
      const json = (await response.json()) as { readonly data: Document | { readonly data: readonly Document[] } };
      const all = "data" in json.data ? json.data.data : [json.data];
      for (const file of all) {
        file.meta["thumbnails"] = [{ name: "small", width: 320, height: 213, url: thumbnailOf(file, all) }];
      }
      await route.fulfill({ response, json });
    });
    const asked: string[] = [];
    page.on("request", (request) => {
      const { pathname, search } = new URL(request.url());
      if (request.method() === "GET" && /^\/files\/|^\/v1\/upload\/(?!limits)\w/.test(pathname))
        asked.push(pathname + search);
    });
    await page.reload();
    await page.locator(".tile", { hasText: "seeding-round-640.png" }).locator(".frame.shown").waitFor();
    const image = page.locator(".tile", { hasText: "seeding-round-640.png" }).locator("img");
    expect(await image.getAttribute("srcset")).toMatch(/^\/files\/public\/.*\?of=disc 320w$/);
    expect([await image.getAttribute("sizes"), await image.getAttribute("loading")]).toEqual(["auto, 16rem", "lazy"]);
    // Asked for once more, under the address that the file has by then.
    await page.locator(".tile", { hasText: "sunset-1600.jpg" }).locator(".kind").waitFor();
    expect(asked.filter((path) => path.startsWith("/v1/upload/"))).toHaveLength(1);
    expect(asked.filter((path) => path.endsWith(".png"))).toEqual([]);
    await button("Details of seeding-round-640.png").click();
    await page.locator("#details .frame.shown").waitFor();
    expect(asked.filter((path) => path.endsWith(".png"))).toHaveLength(1);
  });

  test("show what kind of file it is where a picture is large and has no thumbnail", async () => {
    await openWith({ name: "film.mp4.txt" });
    await page.route("**/v1/upload?*", async (route) => {
      const answer = await route.fetch();
      await route.fulfill({ response: answer, body: (await answer.text()).replaceAll('"thumbnails"', '"none"') });
    });
    await page.setInputFiles("#files", photo("seeding-round-640.png"));
    await said("1 file stored.");
    await page.reload();
    await listed(2);
    const tile = page.locator(".tile", { hasText: "seeding-round-640.png" });
    await tile.locator(".kind").getByText("PNG").waitFor();
    expect(await tile.locator("canvas").count()).toBe(1);
    expect(await tile.locator("img").count()).toBe(0);
    await page.locator(".tile.card", { hasText: "film.mp4.txt" }).locator(".kind").getByText("TXT").waitFor();
  });
});

describe("The trash", () => {
  test("says until when, and gives back one or several", async () => {
    await openWith(...texts("a.txt", "b.txt", "c.txt"));
    await page.keyboard.press("Control+a");
    await button("Delete").click();
    await said("Deleted 3 files.");
    await button("Trash").click();
    await listed(3);
    expect(
      await page.getByRole("navigation", { name: "Files and trash" }).locator("[aria-current]").textContent(),
    ).toBe("Trash");
    expect(await page.locator(".tile .line").first().textContent()).toMatch(/^Until .*\d{4}/);
    await button("Restore b.txt").click();
    await said("b.txt is back.");
    await listed(2);
    await page.keyboard.press("Control+a");
    expect(await button("Copy links").isVisible()).toBe(false);
    await button("Restore").click();
    await said("2 files are back.");
    await page.getByRole("heading", { name: "The trash is empty" }).waitFor();
    await button("Files").click();
    await listed(3);
    expect(tab.complaints).toEqual([]);
  });

  test("Undo there lists it anew", async () => {
    await openWith(...texts("a.txt"));
    await button("Delete a.txt").click();
    await button("Trash").click();
    await listed(1);
    await button("Undo").click();
    await page.getByRole("heading", { name: "The trash is empty" }).waitFor();
  });

  test("what is uploaded there is shown among the files", async () => {
    await openWith();
    await button("Trash").click();
    await page.getByRole("heading", { name: "The trash is empty" }).waitFor();
    await page.setInputFiles("#files", SUNSET);
    await button("Details of sunset-1600.jpg").waitFor();
    expect(await button("Files").getAttribute("aria-current")).toBe("page");
  });
});

describe("Links that were given out", () => {
  test("are listed with their file, and revoked", async () => {
    await openWith({ name: "plan.txt", bytes: "the plan", isPrivate: true });
    await button("Details of plan.txt, private").click();
    const details = page.getByRole("dialog", { name: "plan.txt" });
    await details.getByText("the plan").waitFor();
    // What shows the file here was given to nobody.
    await details.getByText("None that opens.").waitFor();
    await details.getByRole("button", { name: "Copy link" }).click();
    const dialog = page.getByRole("dialog", { name: "Copy a link" });
    await dialog.getByRole("button", { name: "Copy link" }).click();
    const link = await dialog.getByRole("textbox", { name: "The link" }).inputValue();
    expect((await fetch(link)).status).toBe(200);
    await page.keyboard.press("Escape");
    await details
      .getByRole("listitem")
      .getByText(/^Until .*; made /)
      .waitFor();
    await details.getByRole("button", { name: "Revoke all links" }).focus();
    await page.keyboard.press("Enter");
    await details.getByText("Revoked: no link that was given out opens it any more.").waitFor();
    expect((await fetch(link)).status).toBe(410);
    expect(await isActive("#details-name")).toBe(true);
    // The page itself goes on with a link of its own.
    const download = page.waitForEvent("download");
    await details.getByRole("link", { name: "Download" }).click();
    expect((await download).suggestedFilename()).toBe("plan.txt");
  });
});

describe("A bad line", () => {
  test("an upload that was cut off goes on by itself, and is stored once", async () => {
    await openWith();
    const unheard = await loseAnswer(tab, "*/v1/upload", () => tab.context.setOffline(true));
    await page.setInputFiles("#files", SUNSET);
    expect(await unheard.status).toBe(200);
    await page.getByText("You are offline. What is being uploaded goes on when the connection is back.").waitFor();
    await page.getByText("Waiting for the connection", { exact: true }).waitFor();
    await tab.context.setOffline(false);
    await said("1 file stored.");
    expect(await page.locator("#offline").textContent()).toBe("");
    await page.reload();
    await page.getByText("1 file", { exact: true }).waitFor();
  });

  test("what is chosen without one waits for it", async () => {
    await openWith();
    await tab.context.setOffline(true);
    await page.setInputFiles("#files", SUNSET);
    await page.getByText("Waiting for the connection", { exact: true }).waitFor();
    await tab.context.setOffline(false);
    await said("1 file stored.");
  });

  test("a list that did not come is asked for again", async () => {
    await openWith(...texts("a.txt"));
    await tab.context.setOffline(true);
    await button("Trash").click();
    await said("The server cannot be reached.");
    await tab.context.setOffline(false);
    await page.getByRole("heading", { name: "The trash is empty" }).waitFor();
  });
});
