/** The gallery page and single files: what is taken, a PDF's pages, and another name for what is there. */
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

describe("What is taken", () => {
  const file = (name: string, bytes: number, mimeType = "text/plain") => ({
    name,
    mimeType,
    buffer: Buffer.alloc(bytes, 97),
  });
  const choose = (...files: ReturnType<typeof file>[]) => page.setInputFiles("#files", files);
  const space = () => page.locator("#space-text").textContent();
  const drop = (text: string) => page.locator("#drop").getByText(text).waitFor();
  /** The addresses that were uploaded to, from now on. */
  const watchUploads = () => {
    const sent: string[] = [];
    page.on("request", (request) => {
      if (request.method() === "POST") sent.push(request.url());
    });
    return sent;
  };

  test("is said at the drop zone; an empty file and one over the limit are not sent", async () => {
    await openGalleryWith(page, server, []);
    const sent = watchUploads();
    await drop("At most 4 MB a file.");
    await choose(file("empty.txt", 0), file("big.txt", 5_000_000));
    await page.getByText("It is empty: there is nothing to store.").waitFor();
    await page.getByText("It has 5 MB, and at most 4 MB are taken.").waitFor();
    expect(await page.getByRole("button", { name: "Retry big.txt" }).isVisible()).toBe(false);
    expect(sent).toEqual([]);
  });

  test("the space that is used is said, and grows with what is stored", async () => {
    await openGalleryWith(page, server, [{ name: "a.txt", bytes: "a".repeat(400) }]);
    await drop("400 bytes of 1 GB used");
    await choose(file("b.txt", 100_000));
    await drop("100 KB of 1 GB used");
    expect(await page.getByRole("meter", { name: "100 KB of 1 GB used" }).isVisible()).toBe(true);
    await button("Sign out").click();
    expect(await page.locator("#space").isVisible()).toBe(false);
  });

  test("a type that is not taken, and what is more than is left, are not sent", async () => {
    const quota = { maxBytes: 2000, maxFiles: 9, usedBytes: 1500, usedFiles: 8 };
    const data = { maxFileBytes: 4_000_000, types: ["image/*", "text/plain"], quota };
    const answer = { status: "success", message: "OK", data };
    await page.route("**/v1/upload/limits", (route) => route.fulfill({ json: answer }));
    await openGalleryWith(page, server, []);
    await drop("1.5 KB of 2 KB and 8 of 9 files used");
    const sent = watchUploads();
    await choose(file("a.pdf", 100, "application/pdf"), file("b.txt", 501), file("c.txt", 500));
    await page.getByText("Files of the type application/pdf are not taken.").waitFor();
    await page.getByText("It has 501 bytes, and 500 bytes of your space are left.").waitFor();
    await button("Details of c.txt").waitFor();
    expect(sent).toHaveLength(1);
    expect(await space()).toBe("1.5 KB of 2 KB and 8 of 9 files used");
  });

  test("a server that does not say its limits takes what it takes", async () => {
    await page.route("**/v1/upload/limits", (route) => route.abort());
    await openGalleryWith(page, server, []);
    await choose(file("big.txt", 5_000_000), file("a.txt", 5));
    await button("Details of a.txt").waitFor();
    await page.getByRole("alert").waitFor();
    expect(await page.locator("#limit").textContent()).toBe("");
  });
});

describe("A PDF", () => {
  /** One page, and a script that runs when it is opened. */
  const pdf = [
    "%PDF-1.4",
    "1 0 obj<</Type/Catalog/Pages 2 0 R/OpenAction<</S/JavaScript/JS(app.alert\\('from the PDF'\\))>>>>endobj",
    "2 0 obj<</Type/Pages/Kids[3 0 R]/Count 1>>endobj",
    "3 0 obj<</Type/Page/Parent 2 0 R/MediaBox[0 0 300 300]>>endobj",
    "trailer<</Root 1 0 R>>",
  ].join("\n");
  const viewer = () => page.frames().some((frame) => frame.url().startsWith("chrome-extension:"));

  test("shows its pages in the browser's viewer when that is asked for, and no script of it reaches the page", async () => {
    const messages: string[] = [];
    page.on("dialog", (message) => {
      messages.push(message.message());
      void message.dismiss();
    });
    await openGalleryWith(page, server, [
      { name: "a.txt" },
      { name: "plan.pdf", type: "application/pdf", bytes: pdf, isPrivate: true },
    ]);
    await button("Details of plan.pdf, private").click();
    await button("Show pages").waitFor();
    expect([viewer(), messages]).toEqual([false, []]);
    await button("Show pages").click();
    await expect.poll(viewer, { timeout: 20_000 }).toBe(true);
    await expect.poll(() => messages, { timeout: 20_000 }).toEqual(["from the PDF"]);
    const frame = page.locator("#details-frame iframe");
    expect(await frame.getAttribute("title")).toBe("Pages of plan.pdf");
    expect(await frame.getAttribute("src")).toMatch(/^blob:/);
    await page.locator("#details [data-do=next]").click();
    await page.getByRole("region", { name: "Text of a.txt" }).waitFor();
    expect(await page.locator("#details-frame iframe").count()).toBe(0);
  });
});
