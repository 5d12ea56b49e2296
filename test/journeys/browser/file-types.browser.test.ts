/** Files of many kinds through a real file input, which declares each as Chromium does on this machine. */
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Browser } from "playwright-core";
import { afterAll, beforeAll, expect, inject, test } from "vitest";
import { chosenFiles } from "../../support/file-kinds.ts";
import { knowServer } from "../../support/node/server.ts";
import { launchBrowser, openTab } from "./browser.ts";

const server = knowServer(inject("serverPlace"));
let browser: Browser;
let folder: string;

beforeAll(async () => {
  browser = await launchBrowser();
  folder = await mkdtemp(join(tmpdir(), "sluice-types-"));
  await Promise.all(chosenFiles.map(({ name, bytes }) => writeFile(join(folder, name), bytes)));
});

afterAll(async () => {
  await browser.close();
  await rm(folder, { recursive: true });
});

test("each of them is taken", async () => {
  const tab = await openTab(browser);
  const { page } = tab;
  const token = await server.token("chooser");
  await page.goto(`${server.origin}/healthz`);
  await page.setContent('<input id="files" type="file" multiple>');
  await page.setInputFiles(
    "#files",
    chosenFiles.map(({ name }) => join(folder, name)),
  );
  const answers = await page.evaluate(async (bearer) => {
    const input = document.querySelector("#files") as HTMLInputElement;
    const taken: { name: string; status: number; text: string }[] = [];
    for (const file of input.files ?? []) {
      const body = new FormData();
      body.append("file", file);
      const headers = { Authorization: `Bearer ${bearer}` };
      const answer = await fetch("/v1/upload", { method: "POST", headers, body });
      taken.push({ name: file.name, status: answer.status, text: await answer.text() });
    }
    return taken;
  }, token);
  await tab.close();
  expect(answers).toHaveLength(65);
  expect(answers.filter(({ status }) => status !== 200)).toEqual([]);
});
