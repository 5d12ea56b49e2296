/** What a page loads of the client and its hooks. */
import { gzipSync } from "node:zlib";
import { build } from "esbuild";
import { expect, test } from "vitest";
import { packageModules } from "../../../src/compiler/emit.ts";
import { pageBudgets } from "../../../tools/bundle-budget.ts";

test.each(Object.entries(pageBudgets))("sluice/%s is within its budget of %i KiB", async (name, kibibytes) => {
  const module = packageModules[`./${name as keyof typeof pageBudgets}`];
  const entry = new URL(`../../../src/${module}`, import.meta.url).pathname;
  const { outputFiles } = await build({
    entryPoints: [entry],
    bundle: true,
    minify: true,
    format: "esm",
    target: "es2024",
    write: false,
    // What servers alone load, and React itself.
    external: ["*/form-body.ts", "react"],
  });
  const bytes = outputFiles.reduce((sum, { contents }) => sum + gzipSync(contents, { level: 9 }).length, 0);
  expect(bytes).toBeLessThanOrEqual(kibibytes * 1024);
  expect(bytes).toBeGreaterThan(1000);
});
