/** What a page loads of the client, and of what goes with it. */
import { gzipSync } from "node:zlib";
import { build } from "esbuild";
import { expect, test } from "vitest";
import { packageModules } from "../../../src/compiler/emit.ts";
import { pageBudgets } from "../../../tools/bundle-budget.ts";

type Name = keyof typeof pageBudgets;

/** Bytes of gzip of a page's one script. */
async function sizeOf(...names: readonly Name[]): Promise<number> {
  const imports = names.map((name) => `export * from "./${packageModules[`./${name}`]}";`);
  const { outputFiles } = await build({
    stdin: {
      contents: imports.join("\n"),
      resolveDir: new URL("../../../src/", import.meta.url).pathname,
      loader: "ts",
    },
    bundle: true,
    minify: true,
    format: "esm",
    target: "es2024",
    write: false,
    // What servers alone load, and React itself.
    external: ["*/form-body.ts", "react"],
  });
  return outputFiles.reduce((sum, { contents }) => sum + gzipSync(contents, { level: 9 }).length, 0);
}

test.each(Object.entries(pageBudgets))("sluice/%s is within its budget of %i KiB", async (name, kibibytes) => {
  const bytes =
    name === "client/tus" ? (await sizeOf("client", name)) - (await sizeOf("client")) : await sizeOf(name as Name);
  expect(bytes).toBeLessThanOrEqual(kibibytes * 1024);
  expect(bytes).toBeGreaterThan(1000);
});
