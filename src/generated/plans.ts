import type { Plan } from "../plan.ts";
export const plans: readonly Plan[] = [];
