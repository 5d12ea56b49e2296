import { defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    // The Worker logs every refusal: only a failed test shows its lines.
    silent: "passed-only",
    reporters: [["default", { summary: false }]],
    projects: ["vitest.workers.config.ts", "vitest.postgres.config.ts", "vitest.node.config.ts"],
  },
});
