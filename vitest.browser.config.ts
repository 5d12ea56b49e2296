import { defineConfig } from "vitest/config";

/** The page in a real browser. Apart from the others because it needs Chromium on the machine. */
export default defineConfig({
  test: {
    name: "browser",
    reporters: [["default", { summary: false }]],
    include: ["test/node/**/*.browser.ts"],
    globalSetup: ["test/node/browser-server.ts"],
    // Side by side they would only wait for each other.
    fileParallelism: false,
    testTimeout: 60_000,
  },
});
