import { defineConfig } from "vitest/config";

/** Pictures read here and by sharp, compared, and hostile ones. Apart from the others because hundreds of them take their time. */
export default defineConfig({
  test: {
    name: "pictures",
    silent: "passed-only",
    reporters: [["default", { summary: false }]],
    include: ["test/pictures/**/*.test.ts"],
    testTimeout: 60_000,
  },
});
