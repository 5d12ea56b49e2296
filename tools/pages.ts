/**
 * Writes the pages that are printed from tables of the code, and what the gallery's page has of it.
 *
 *     node tools/pages.ts [--check]
 *
 * `--check` writes nothing and exits 1 when a page is stale.
 */
import { readdir, readFile, writeFile } from "node:fs/promises";
import { format, resolveConfig } from "prettier";
import { errorsPage } from "./pages/errors.ts";
import { faultsPage } from "./pages/faults.ts";
import { languagePage } from "./pages/language.ts";
import { listPage, llmsText } from "./pages/list.ts";
import { pageClient } from "./pages/page-client.ts";
import { settingsPage } from "./pages/settings.ts";
import { withSuites } from "./pages/suites.ts";

const root = new URL("../", import.meta.url);
const list = "README.md";

/** Of each page of docs/ but the list itself, by its path from there. */
async function readTitles(): Promise<ReadonlyMap<string, string>> {
  const names = (await readdir(new URL("docs", root), { recursive: true })).filter((name) => name.endsWith(".md"));
  const pages = names.filter((name) => name !== list).sort();
  const texts = await Promise.all(pages.map((name) => readFile(new URL(`docs/${name}`, root), "utf8")));
  return new Map(pages.map((name, index) => [name, /^# (.+)$/m.exec(texts[index] ?? "")?.[1] ?? name]));
}

const titles = await readTitles();

/** By their paths; what the file has now is of use where only a part of it is printed. */
const pages: Readonly<Record<string, (current: string) => string | Promise<string>>> = {
  "docs/errors.md": errorsPage,
  "docs/faults.md": faultsPage,
  "docs/language.md": languagePage,
  "docs/settings.md": settingsPage,
  [`docs/${list}`]: () => listPage(titles),
  "llms.txt": () => llmsText(titles),
  "CONTRIBUTING.md": withSuites,
  "public/gallery-page/calls/client.js": pageClient,
};

for (const [name, print] of Object.entries(pages)) {
  const path = new URL(name, root);
  const style = await resolveConfig(path);
  const current = await readFile(path, "utf8").catch(() => "");
  const printed = await print(current);
  // A script is small, not laid out.
  const text = name.endsWith(".js") ? printed : await format(printed, { ...style, parser: "markdown" });
  if (current === text) continue;
  if (process.argv.includes("--check")) {
    console.error(`${name} is stale: run "npm run pages"`);
    process.exitCode = 1;
  } else {
    await writeFile(path, text);
  }
}
