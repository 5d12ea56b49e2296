/**
 * Writes the pages of docs/ that are printed from tables of the code.
 *
 *     node tools/pages.ts [--check]
 *
 * `--check` writes nothing and exits 1 when a page is stale.
 */
import { readFile, writeFile } from "node:fs/promises";
import { format, resolveConfig } from "prettier";
import { errorsPage } from "./pages/errors.ts";
import { settingsPage } from "./pages/settings.ts";

const pages = { "errors.md": errorsPage, "settings.md": settingsPage };

for (const [name, print] of Object.entries(pages)) {
  const path = new URL(`../docs/${name}`, import.meta.url);
  const style = await resolveConfig(path);
  const text = await format(print(), { ...style, parser: "markdown" });
  const current = await readFile(path, "utf8").catch(() => null);
  if (current === text) continue;
  if (process.argv.includes("--check")) {
    console.error(`docs/${name} is stale: run "npm run pages"`);
    process.exitCode = 1;
  } else {
    await writeFile(path, text);
  }
}
