/** The gallery page in a project that has accounts: those of examples/wallet, beside this repository's own endpoints. */
import { readFileSync } from "node:fs";
import type { Browser, Locator, Page } from "playwright-core";
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from "vitest";
import { copyProject, type DevProject } from "../../support/node/dev-project.ts";
import { launchBrowser, openTab, photo, type Tab } from "./browser.ts";

const PASSWORD = "correct horse battery";
/** https://www.w3.org/TR/WCAG22/#contrast-minimum */
const LEAST_CONTRAST = 4.5;
const FINGER_PIXELS = 44;

const wallet = (path: string) => readFileSync(new URL(`../../../examples/wallet/${path}`, import.meta.url), "utf8");

/** Files that are there for three days, and some hours that the tests may take. */
const brief = {
  id: "upload-brief-01",
  resource: "upload-brief",
  tokenize: { type: "JWT", algorithm: "HS256", encryption_key: "$ENV.JWT_SECRET_KEY" },
  protected: { provide_as: "Authorization", extract_claims: ["id"] },
  actionables: [
    {
      id: 1,
      mode: "UPLOAD",
      uploads: {
        max_upload_file_size: 1_000_000,
        allowed_mimetypes: ["text/plain"],
        upload_folder: "brief/$PROTECTED.id",
        expiration: 270_000,
        file_api: true,
      },
    },
  ],
};

let project: DevProject;
let browser: Browser;
let tab: Tab;
let page: Page;
let visitors = 0;

beforeAll(async () => {
  project = await copyProject();
  for (const name of ["sign-up", "sign-in", "sign-out"]) {
    project.write(`abis/${name}.json`, wallet(`abis/${name}.json`));
  }
  project.write("abis/upload-brief.json", JSON.stringify(brief));
  project.write("migrations/d1/0900_users.sql", wallet("migrations/0001_users.sql"));
  const configuration = wallet("wrangler.toml");
  const counting = configuration.slice(configuration.indexOf("[[durable_objects"));
  project.change("wrangler.toml", "[vars]", `${counting}\n[vars]`);
  await project.start();
  browser = await launchBrowser();
}, 240_000);

afterAll(async () => {
  await browser.close();
  await project.close();
});

beforeEach(() => useTab());
afterEach(() => tab.close());

/** A visitor with an address and a network of their own, which counts the sign-ins. */
async function useTab(options: Parameters<typeof openTab>[1] = {}): Promise<void> {
  visitors += 1;
  const extraHTTPHeaders = { "CF-Connecting-IP": `203.0.113.${visitors}` };
  tab = await openTab(browser, { extraHTTPHeaders, ...options });
  page = tab.page;
  page.setDefaultTimeout(30_000);
}

const newAddress = () => `visitor-${visitors}-${Date.now()}@example.com`;
const button = (name: string) => page.getByRole("button", { name, exact: true });
const email = () => page.getByRole("textbox", { name: "E-mail" });
const password = () => page.getByLabel("Password");
const said = () => page.getByRole("alert");
const isFocused = (locator: Locator) => locator.evaluate((element) => element === document.activeElement);
const isHere = (address: string) => page.locator("#who").getByText(address, { exact: true }).waitFor();
const tokenOf = () => page.evaluate(() => sessionStorage.getItem("sluice-token"));

async function send(address: string, secret: string, name = "Sign in"): Promise<void> {
  await email().fill(address);
  await password().fill(secret);
  await button(name).click();
}

async function signUp(address: string): Promise<void> {
  await page.goto(project.origin);
  await button("Create one").click();
  await send(address, PASSWORD, "Create an account");
  await isHere(address);
}

const statusWith = async (token: string | null, path = "/v1/upload", method = "GET") =>
  (await fetch(project.origin + path, { method, headers: { authorization: `Bearer ${String(token)}` } })).status;

test("an account, a picture in it, out and in again, with the keyboard alone", async () => {
  const address = newAddress();
  await page.goto(project.origin);
  await email().waitFor();
  expect(await page.getByRole("textbox", { name: "Token" }).isVisible()).toBe(false);
  const press = async (...keys: string[]) => {
    for (const key of keys) await page.keyboard.press(key);
  };
  await press("Tab", "Tab");
  expect(await isFocused(email())).toBe(true);
  await press("Tab", "Tab", "Tab");
  expect(await isFocused(button("Create one"))).toBe(true);
  await press("Enter");
  await page.getByRole("heading", { name: "Create an account" }).waitFor();
  expect(await isFocused(email())).toBe(true);
  expect(await password().getAttribute("autocomplete")).toBe("new-password");
  await page.keyboard.type(address);
  await press("Tab");
  await page.keyboard.type(PASSWORD);
  await press("Enter");
  await isHere(address);
  expect(await isFocused(button("Upload as public"))).toBe(true);
  await page.setInputFiles("#files", photo("sunset-1600.jpg"));
  await button("Details of sunset-1600.jpg").waitFor();

  await button("Sign out").focus();
  await press("Enter");
  await email().waitFor();
  expect(await isFocused(email())).toBe(true);
  expect([await email().inputValue(), await password().inputValue()]).toEqual(["", ""]);
  await page.keyboard.type(address);
  await press("Tab");
  await page.keyboard.type(PASSWORD);
  await press("Enter");
  await button("Details of sunset-1600.jpg").waitFor();
  expect(tab.complaints).toEqual([]);
});

test("the token stays in the tab, also when it is loaded again, and is worth nothing once its owner is out", async () => {
  const address = newAddress();
  await signUp(address);
  const token = await tokenOf();
  expect(await page.evaluate(() => Object.keys(localStorage))).toEqual([]);
  await page.reload();
  await isHere(address);
  const other = await tab.context.newPage();
  await other.goto(project.origin);
  await other.getByLabel("Password").waitFor();

  expect(await statusWith(token)).toBe(200);
  await button("Sign out").click();
  await password().waitFor();
  await expect.poll(() => statusWith(token)).toBe(401);
  expect(await tokenOf()).toBeNull();
  await page.reload();
  await password().waitFor();
});

test("a file that ends says when, on its tile and in its details", async () => {
  await signUp(newAddress());
  const body = new FormData();
  body.append("file", new Blob(["for now"], { type: "text/plain" }), "ticket.txt");
  const headers = { authorization: `Bearer ${String(await tokenOf())}` };
  const answer = await fetch(`${project.origin}/upload-brief`, { method: "POST", headers, body });
  expect(answer.status).toBe(200);
  await page.reload();
  await button("Details of ticket.txt, ends in 3 days").click();
  expect(await page.locator(".badge", { hasText: "Ends in 3 days" }).isVisible()).toBe(true);
  await page
    .getByRole("definition")
    .getByText(/\d{4}.*, in 3 days$/)
    .waitFor();
});

test("a wrong password and an unknown address are told alike, at the field", async () => {
  const address = newAddress();
  await signUp(address);
  await button("Sign out").click();
  for (const [tried, secret] of [
    [address, "another password"],
    ["nobody@example.com", PASSWORD],
  ] as const) {
    await send(tried, secret);
    await said().getByText("The e-mail address or the password is wrong.").waitFor();
    expect(await isFocused(password())).toBe(true);
    expect(await password().getAttribute("aria-invalid")).toBe("true");
    await page.reload();
  }
  await send(address, PASSWORD);
  await isHere(address);
});

test("what is wrong with a new account is told, and what was typed stays", async () => {
  const address = newAddress();
  await signUp(address);
  await button("Sign out").click();
  await button("Create one").click();
  await send(address, "short", "Create an account");
  await said().getByText("Password: ").waitFor();
  expect(await isFocused(password())).toBe(true);
  await send(address.toUpperCase(), PASSWORD, "Create an account");
  await said().getByText("This e-mail address has an account already.").waitFor();
  expect(await email().inputValue()).toBe(address.toUpperCase());
  await button("Sign in").click();
  await said().waitFor({ state: "hidden" });
  await send(address, PASSWORD);
  await isHere(address);
});

test("who has guessed too often is told for how long", async () => {
  await page.goto(project.origin);
  for (let guess = 1; guess <= 5; guess++) {
    await send("nobody@example.com", `guess ${guess}`);
    await expect.poll(() => said().textContent()).toContain("is wrong");
    await expect.poll(() => page.locator("#account").getAttribute("aria-busy")).toBe("false");
  }
  await send("nobody@example.com", "guess 6");
  await expect.poll(() => said().textContent()).toMatch(/Try again in \d+ (?:minutes?|seconds?), at \d/);
});

test("a token that ends while its owner is here leads back to the form, and on from there", async () => {
  const address = newAddress();
  await signUp(address);
  expect(await statusWith(await tokenOf(), "/sign-out", "POST")).toBe(200);
  await page.setInputFiles("#files", photo("sunset-1600.jpg"));
  await page.locator("#toasts").getByText("You are signed out: sign in again.").waitFor();
  await expect.poll(() => isFocused(email())).toBe(true);
  expect(await tokenOf()).toBeNull();
  await send(address, PASSWORD);
  await isHere(address);
  await page.getByRole("heading", { name: "Nothing here yet" }).waitFor();
});

test("who is out without a network is told that it is here only", async () => {
  const address = newAddress();
  await signUp(address);
  const token = await tokenOf();
  await tab.context.setOffline(true);
  await button("Sign out").click();
  await page.locator("#toasts").getByText("You are out on this device only. The server cannot be reached.").waitFor();
  await send(address, PASSWORD);
  await said().getByText("The server cannot be reached.").waitFor();
  await tab.context.setOffline(false);
  expect(await statusWith(token)).toBe(200);
});

test("a token in the address is asked about by names that differ", async () => {
  const address = newAddress();
  await signUp(address);
  const claims = ["--id", "stranger", "--claim", `email=${address}`];
  const { output } = await project.run("token", ...claims);
  await page.goto("about:blank");
  await page.goto(`${project.origin}/#token=${output.trim()}`);
  const question = page.getByRole("dialog", { name: "Switch to another gallery?" });
  await question.getByText("This link is for stranger.").waitFor();
  await button(`Stay as ${String(await page.locator("#switch-stay bdi").textContent())}`).click();
  await isHere(address);
});

test("what a screen reader finds", async () => {
  await page.goto(project.origin);
  await email().waitFor();
  const tree = await page.locator("main").ariaSnapshot();
  for (const line of [
    '- form "Sign in":',
    '- heading "Sign in" [level=2]',
    '- textbox "E-mail"',
    '- textbox "Password"',
    '- button "Sign in"',
    '- button "Create one"',
  ]) {
    expect(tree).toContain(line);
  }
});

for (const colorScheme of ["light", "dark"] as const) {
  test(`${colorScheme}, on a phone: everything can be read, and hit with a finger`, async () => {
    await tab.close();
    const phone = { viewport: { width: 360, height: 740 }, isMobile: true, hasTouch: true, deviceScaleFactor: 2 };
    await useTab({ colorScheme, ...phone });
    await page.goto(project.origin);
    await send("nobody@example.com", "a guess");
    await expect.poll(() => said().textContent()).toContain("is wrong");
    const parts = page.locator("#account :is(h2, label, input, p, button, span)");
    for (const { text, contrast } of await parts.evaluateAll(contrasts)) {
      expect(contrast, text).toBeGreaterThanOrEqual(LEAST_CONTRAST);
    }
    const heights = await page
      .locator("#account :is(input, button)")
      .evaluateAll((all) => all.map((element) => Math.round(element.getBoundingClientRect().height)));
    expect(heights).toHaveLength(4);
    expect(Math.min(...heights)).toBeGreaterThanOrEqual(FINGER_PIXELS);
    expect(await page.evaluate(() => document.documentElement.scrollWidth - innerWidth)).toBe(0);
  });
}

/** In the page. Of each text with what lies behind it: https://www.w3.org/TR/WCAG22/#dfn-contrast-ratio */
function contrasts(elements: readonly Element[]): { readonly text: string; readonly contrast: number }[] {
  const canvas = document.createElement("canvas").getContext("2d", { willReadFrequently: true });
  if (canvas === null) throw new Error("There is no canvas");
  const luminance = (color: string) => {
    canvas.fillStyle = color;
    canvas.fillRect(0, 0, 1, 1);
    const [red = 0, green = 0, blue = 0] = [...canvas.getImageData(0, 0, 1, 1).data]
      .map((value) => value / 255)
      .map((value) => (value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4));
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
  };
  const behind = (element: Element | null): string => {
    if (element === null) return "white";
    const { backgroundColor } = getComputedStyle(element);
    return backgroundColor === "rgba(0, 0, 0, 0)" ? behind(element.parentElement) : backgroundColor;
  };
  return elements.map((element) => {
    const [light = 0, dark = 0] = [luminance(getComputedStyle(element).color), luminance(behind(element))].sort(
      (one, other) => other - one,
    );
    return { text: element.outerHTML.slice(0, 80), contrast: (light + 0.05) / (dark + 0.05) };
  });
}
