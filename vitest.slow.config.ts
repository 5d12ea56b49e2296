import { defineConfig } from "vitest/config";

/** What starts whole development servers again and again: apart from the other tests, which stay quick. */
export default defineConfig({
  test: { name: "slow", include: ["test/node/**/*.slow.ts"], testTimeout: 300_000, hookTimeout: 300_000 },
});
