import { defineConfig } from "vitest/config";
import { compileAttackAbis } from "./test/attacks/build/compile-abis.ts";
import workers from "./vitest.workers.config.ts";

/** Attacks on every way in, in workerd with local R2 and D1. Apart from the others because there are thousands. */
export default defineConfig({
  ...workers,
  test: {
    ...workers.test,
    name: "attacks",
    silent: "passed-only",
    provide: { attackPlans: await compileAttackAbis(`${import.meta.dirname}/`) },
    globalSetup: [],
    include: ["test/attacks/**/*.test.ts"],
    exclude: [],
    slowTestThreshold: 5000,
  },
});
