/** `/docs` of a development server: the viewer's own bytes, from where the page asks for them. */
import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import { afterAll, beforeAll, describe, expect, inject, test } from "vitest";
import { viewerFiles } from "../../../src/runtime/development/docs-page.ts";
import type { Browser } from "playwright-core";
import { executablePath, launchBrowser, openTab, type Tab } from "./browser.ts";

const { origin } = inject("serverPlace");
const fileOf = (name: string): Promise<Buffer> =>
  readFile(new URL(`../../../node_modules/swagger-ui-dist/${name}`, import.meta.url));

test.each(Object.entries(viewerFiles))("%s is what is named", async (name, integrity) => {
  expect(
    `sha384-${createHash("sha384")
      .update(await fileOf(name))
      .digest("base64")}`,
  ).toBe(integrity);
});

describe.skipIf(executablePath === undefined)("in Chromium", () => {
  let browser: Browser;
  let tab: Tab;
  beforeAll(async () => {
    browser = await launchBrowser();
    tab = await openTab(browser);
    await tab.page.route("https://cdn.jsdelivr.net/**", async (route) => {
      const body = await fileOf(route.request().url().split("/").at(-1) ?? "");
      await route.fulfill({ body, headers: { "Access-Control-Allow-Origin": "*" } });
    });
  });
  afterAll(() => browser.close());

  test("shows every endpoint, and calls one", async () => {
    const { page, complaints } = tab;
    await page.goto(`${origin}/docs`);
    await page.getByRole("button", { name: "POST /upload-gallery", exact: true }).click();
    const endpoint = page.locator("#operations-Endpoints-upload-gallery-01");
    await endpoint.getByRole("button", { name: "Execute" }).waitFor();
    expect(await endpoint.locator("input[type=file]").count()).toBeGreaterThan(0);
    await endpoint.getByRole("button", { name: "Execute" }).click();
    // Without a token, and without a file.
    await endpoint.locator(".live-responses-table").getByText("401").first().waitFor();
    expect(complaints.filter((line) => !line.includes("401"))).toEqual([]);
  });

  test("says what is missing without a network", async () => {
    const offline = await openTab(browser);
    await offline.page.route("https://cdn.jsdelivr.net/**", (route) => route.abort());
    await offline.page.goto(`${origin}/docs`);
    expect(await offline.page.getByRole("link", { name: "The document itself" }).getAttribute("href")).toBe(
      "/openapi.json",
    );
    await offline.close();
  });
});
