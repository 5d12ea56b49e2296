import { defineConfig } from "vitest/config";

/** What runs at build time or drives the runtime from outside: tested in Node. */
export default defineConfig({
  test: {
    name: "node",
    isolate: false,
    maxWorkers: 2,
    include: ["test/compiler/**/*.test.ts", "test/node/**/*.test.ts"],
    testTimeout: 60_000,
  },
});
