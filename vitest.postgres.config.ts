import { cloudflareTest } from "@cloudflare/vitest-plugin";
import { defineConfig } from "vitest/config";

process.env["WRANGLER_LOG"] ??= "error";
process.env["WRANGLER_SEND_METRICS"] ??= "false";
process.env["CLOUDFLARE_CF_FETCH_ENABLED"] ??= "false";

/** The PostgreSQL engines in workerd, against a throw-away server that the global setup starts. */
export default defineConfig({
  plugins: [
    cloudflareTest(({ inject }) => {
      const database = inject<{ readonly url: string } | null>("postgres");
      return {
        main: "./test/support/bare-worker.ts",
        wrangler: { configPath: "./wrangler.toml" },
        miniflare: { hyperdrives: database === null ? {} : { HYPERDRIVE: database.url } },
      };
    }),
  ],
  test: {
    name: "postgres",
    globalSetup: ["./scripts/postgres/provide-to-tests.ts", "./test/database/own-rows/provide-plans.ts"],
    isolate: false,
    // All of them write to the one database: one after the other, when the other projects are done.
    fileParallelism: false,
    sequence: { groupOrder: 1 },
    include: ["test/database/postgres/**/*.test.ts"],
    testTimeout: 30_000,
  },
});
