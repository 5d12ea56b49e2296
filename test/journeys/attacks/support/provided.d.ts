import type { Plan } from "../../../../src/contract/plan.ts";

declare module "vitest" {
  export interface ProvidedContext {
    /** Of build/compile-abis. */
    readonly attackPlans: readonly Plan[];
  }
}
