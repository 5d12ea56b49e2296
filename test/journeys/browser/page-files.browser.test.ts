/** The gallery page and one file: another name for it. */
import type { Browser, Page } from "playwright-core";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, inject, test } from "vitest";
import { launchBrowser, openTab, type Tab } from "./browser.ts";
import { openGalleryWith, texts } from "./gallery.ts";
import { knowServer } from "../../support/node/server.ts";

const server = knowServer(inject("serverPlace"));
let browser: Browser;
let tab: Tab;
let page: Page;

beforeAll(async () => {
  browser = await launchBrowser();
});

afterAll(() => browser.close());

beforeEach(async () => {
  tab = await openTab(browser);
  page = tab.page;
  page.setDefaultTimeout(15_000);
});

afterEach(() => tab.close());

const button = (name: string) => page.getByRole("button", { name, exact: true });
const names = () => page.locator(".tile .name").allTextContents();
const field = () => page.getByRole("textbox", { name: "Name", exact: true });
const dialog = () => page.getByRole("dialog", { name: "Rename" });
const isActive = (selector: string) =>
  page.evaluate((wanted) => document.activeElement?.matches(wanted) === true, selector);

describe("Renaming", () => {
  test("with the keyboard alone: the extension is not typed over, and the focus stays with the file", async () => {
    await openGalleryWith(page, server, texts("a.txt", "draft.txt"));
    await button("Details of draft.txt").focus();
    await page.keyboard.press("F2");
    await dialog().waitFor();
    await page.keyboard.type("final");
    expect(await field().inputValue()).toBe("final.txt");
    await page.keyboard.press("Enter");
    await page.locator("#spoken").getByText("Renamed to final.txt.").waitFor();
    await dialog().waitFor({ state: "hidden" });
    expect(await names()).toEqual(["final.txt", "a.txt"]);
    expect(await isActive("[aria-label='Details of final.txt']")).toBe(true);
    await page.reload();
    await button("Details of final.txt").waitFor();
    expect(tab.complaints).toEqual([]);
  });

  test("in its details, where it is saved under the new name", async () => {
    await openGalleryWith(page, server, texts("a.txt", "b.txt"));
    await button("Details of b.txt").click();
    await page.getByRole("dialog", { name: "b.txt" }).getByRole("button", { name: "Rename" }).click();
    await field().fill("Zürich.txt");
    await dialog().getByRole("button", { name: "Rename" }).click();
    const details = page.getByRole("dialog", { name: "Zürich.txt" });
    await details.getByRole("region", { name: "Text of Zürich.txt" }).waitFor();
    expect(await isActive("#details [data-do=rename]")).toBe(true);
    const [saved] = await Promise.all([
      page.waitForEvent("download"),
      details.getByRole("link", { name: "Download" }).click(),
    ]);
    expect(saved.suggestedFilename()).toBe("Zürich.txt");
  });

  test("of the one that is selected, which stays selected; of several nothing is asked", async () => {
    await openGalleryWith(page, server, texts("a.txt", "b.txt"));
    for (const name of ["a.txt", "b.txt"]) await page.getByRole("checkbox", { name: `Select ${name}` }).check();
    await page.locator("#count").click();
    await page.keyboard.press("F2");
    expect(await dialog().isVisible()).toBe(false);
    await page.getByRole("checkbox", { name: "Select b.txt" }).uncheck();
    await page.locator("#count").click();
    await page.keyboard.press("F2");
    await field().fill("c.txt");
    await page.keyboard.press("Enter");
    await dialog().waitFor({ state: "hidden" });
    expect(await page.getByRole("checkbox", { name: "Select c.txt" }).isChecked()).toBe(true);
    expect(await page.locator("#selected").textContent()).toBe("1 of 2 selected");
  });

  test("a name that cannot be is refused where it was typed; Escape leaves the file as it is", async () => {
    await openGalleryWith(page, server, texts("a.txt"));
    await button("Details of a.txt").focus();
    await page.keyboard.press("F2");
    await field().fill("a.html");
    await page.keyboard.press("Enter");
    await page.getByRole("alert").getByText("The name must end with .txt, as now.").waitFor();
    expect(await isActive("#rename-name[aria-invalid=true]")).toBe(true);
    await page.keyboard.press("Escape");
    expect(await isActive("[aria-label='Details of a.txt']")).toBe(true);
    expect(await names()).toEqual(["a.txt"]);
  });
});
