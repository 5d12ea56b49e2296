import { readFile, readdir } from "node:fs/promises";
import { join } from "node:path";
import { cloudflareTest } from "@cloudflare/vitest-plugin";
import { defineConfig } from "vitest/config";
import { bundleDriver } from "./test/support/bundle-driver.ts";
import { secrets } from "./test/support/secrets.ts";

// Wrangler would announce on every start that secrets come from nowhere; the bindings below are all there is.
process.env["WRANGLER_LOG"] ??= "error";
process.env["WRANGLER_SEND_METRICS"] ??= "false";
process.env["CLOUDFLARE_CF_FETCH_ENABLED"] ??= "false";

/** The statements of all migrations, in order. */
async function readStatements(directory: string): Promise<string[]> {
  const names = (await readdir(directory)).filter((name) => name.endsWith(".sql")).toSorted();
  const files = await Promise.all(names.map((name) => readFile(join(directory, name), "utf8")));
  return files
    .flatMap((sql) => sql.replace(/--.*$/gm, "").split(";"))
    .map((statement) => statement.trim())
    .filter((statement) => statement !== "");
}

/** What runs at the edge: tested in workerd with local R2 and D1. */
export default defineConfig({
  resolve: { alias: { mongodb: await bundleDriver(import.meta.dirname) } },
  plugins: [
    cloudflareTest({
      main: "./test/support/bare-worker.ts",
      wrangler: { configPath: "./wrangler.toml" },
      miniflare: {
        // Optional in a deployment: tests ask for it by making an app with it.
        images: { binding: "RENDERER" },
        bindings: {
          ...secrets,
          TEST_MIGRATIONS: await readStatements("migrations/d1"),
        },
      },
    }),
  ],
  test: {
    name: "workers",
    globalSetup: ["./test/support/provide-mongo.ts", "./test/database/own-rows/provide-plans.ts"],
    // Two workers for all files, each with storage of its own, which every test empties itself: a start costs seconds, and
    // one would leave the second core idle. The Node tests share them.
    isolate: false,
    maxWorkers: 2,
    include: ["test/**/*.test.ts"],
    exclude: ["test/compiler/**", "test/attacks/**", "test/node/**", "test/pictures/**", "test/database/postgres/**"],
    testTimeout: 30_000,
  },
});
