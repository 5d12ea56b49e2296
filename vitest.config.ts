import { createRequire } from "node:module";
import { defineConfig } from "vitest/config";

export default defineConfig({
  // What a module requires, rather than imports, the plugin resolves by this configuration, not by the project's: as Node
  // would, for which this package is empty.
  resolve: {
    alias: {
      "pg-cloudflare": createRequire(import.meta.url)
        .resolve("pg-cloudflare/package.json")
        .replace("package.json", "dist/index.js"),
    },
  },
  test: {
    // The Worker logs every refusal: only a failed test shows its lines.
    silent: "passed-only",
    reporters: [["default", { summary: false }]],
    projects: ["vitest.workers.config.ts", "vitest.postgres.config.ts", "vitest.node.config.ts"],
  },
});
