import { defineConfig } from "vitest/config";

/** Pictures read here and by sharp, compared. Apart from the others because decoding hundreds of them takes its time. */
export default defineConfig({
  test: {
    name: "differential",
    silent: "passed-only",
    reporters: [["default", { summary: false }]],
    include: ["test/differential/**/*.test.ts"],
    testTimeout: 60_000,
  },
});
