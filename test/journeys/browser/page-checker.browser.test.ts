/** The gallery page before axe-core, an accessibility checker: in each of its states, both schemes, on a desk and on a phone. */
import axe from "axe-core";
import type { Browser, Page } from "playwright-core";
import { afterAll, afterEach, beforeAll, expect, inject, test } from "vitest";
import { launchBrowser, openTab, photo, type Tab } from "./browser.ts";
import { knowServer } from "../../support/node/server.ts";

const SUNSET = photo("sunset-1600.jpg");

const server = knowServer(inject("serverPlace"));
let browser: Browser;
let tab: Tab;
let page: Page;

beforeAll(async () => {
  browser = await launchBrowser();
});

afterAll(() => browser.close());

afterEach(() => tab.close());

const button = (name: string) => page.getByRole("button", { name, exact: true });

/** Of everything that is on the page, also behind a dialog. */
async function expectNothingFound(state: string): Promise<void> {
  const found = await page.evaluate(async () => {
    const { violations } = await (globalThis as unknown as { readonly axe: typeof axe }).axe.run(document, {
      resultTypes: ["violations"],
    });
    return violations.flatMap(({ id, nodes }) => nodes.map(({ html, failureSummary }) => [id, html, failureSummary]));
  });
  expect(found, state).toEqual([]);
}

const desk = { viewport: { width: 1120, height: 760 } };
const phone = { viewport: { width: 360, height: 740 }, isMobile: true, hasTouch: true };

test.each([
  ["light, on a desk", "light", desk],
  ["dark, on a desk", "dark", desk],
  ["light, on a phone", "light", phone],
  ["dark, on a phone", "dark", phone],
] as const)("nothing is found, %s", async (title, colorScheme, device) => {
  tab = await openTab(browser, { colorScheme, reducedMotion: "reduce", ...device });
  page = tab.page;
  page.setDefaultTimeout(15_000);
  await page.goto(server.origin);
  await page.getByRole("textbox", { name: "Token" }).waitFor();
  // By the debugger, to which the page's policy does not apply.
  await page.evaluate(axe.source);
  await expectNothingFound("first screen");

  await page.getByRole("textbox", { name: "Token" }).fill(await server.token(`checked_${title.replace(/\W+/g, "_")}`));
  await button("Open").click();
  await page.getByRole("heading", { name: "Nothing here yet" }).waitFor();
  await expectNothingFound("empty");

  const notes = { name: "notes.txt", mimeType: "text/plain", buffer: Buffer.from("A few words.\n".repeat(200)) };
  await page.getByRole("radio", { name: "Private" }).check();
  await page.setInputFiles("#files", [notes, { ...notes, name: "empty.txt", buffer: Buffer.alloc(0) }]);
  await button("Details of notes.txt, private").waitFor();
  await page.getByRole("alert").waitFor();
  await page.getByRole("radio", { name: "Public" }).check();
  await page.setInputFiles("#files", SUNSET);
  await page.waitForFunction(() => document.querySelector(".frame.shown") !== null);
  await expectNothingFound("files, one of which was refused");

  await page.getByRole("checkbox", { name: "Select notes.txt" }).check();
  await expectNothingFound("a selection");
  await button("Select nothing").click();

  await button("Details of notes.txt, private").click();
  await page.getByRole("region", { name: "Text of notes.txt" }).getByText("A few words.").waitFor();
  await expectNothingFound("details of a text");
  await page.keyboard.press("F2");
  await page.getByRole("textbox", { name: "Name" }).fill("notes.html");
  await page.getByRole("dialog", { name: "Rename" }).getByRole("button", { name: "Rename" }).click();
  await page.getByText("The name must end with .txt, as now.").waitFor();
  await expectNothingFound("a name that is refused");
  await page.keyboard.press("Escape");
  await page.getByRole("dialog").getByRole("button", { name: "Copy link" }).click();
  await page.getByRole("dialog", { name: "Copy a link" }).getByRole("button", { name: "Copy link" }).click();
  await page.getByRole("textbox", { name: "The link" }).waitFor();
  await expectNothingFound("a link");
  await page.keyboard.press("Escape");
  await page.locator("#given-links li").waitFor();
  await expectNothingFound("links that were given out");
  await page.getByRole("dialog").getByRole("button", { name: "Delete" }).click();
  await page.locator("#toasts").getByText("Deleted notes.txt.").waitFor();
  await expectNothingFound("a message");

  await button("Trash").click();
  await button("Restore notes.txt").waitFor();
  await expectNothingFound("the trash");
  await page.context().setOffline(true);
  await page.getByText("You are offline.").waitFor();
  await expectNothingFound("offline");
  await page.context().setOffline(false);

  const other = await server.token("somebody_else");
  await page.goto("about:blank");
  await page.goto(`${server.origin}/#token=${other}`);
  await page.getByRole("dialog", { name: "Switch to another gallery?" }).waitFor();
  await page.evaluate(axe.source);
  await expectNothingFound("whose gallery it is");
});
