/**
 * Prints plans as a TypeScript module and the schema as JSON: the same bytes for the same input. It writes nothing.
 */
import type { Plan } from "../plan.ts";
import { createJsonSchema } from "./schema.ts";

/** The text of src/generated/plans.ts. */
export function emitPlans(plans: readonly Plan[]): string {
  return [
    "/** Compiled from abis/ by src/abi/cli.ts: never edited by hand. */",
    'import type { Plan } from "../plan.ts";',
    "",
    `export const plans: readonly Plan[] = ${JSON.stringify(plans, null, 2)};`,
    "",
  ].join("\n");
}

/** The text of abis/schema.json. */
export function emitJsonSchema(): string {
  return `${JSON.stringify(createJsonSchema(), null, 2)}\n`;
}
