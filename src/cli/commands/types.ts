/**
 * `sluice types [<file>] [--check] [--env <environment>]`: writes inputs, answers and problems of all endpoints as
 * TypeScript, for `sluice/client`.
 */
import { printTypes } from "../../compiler/interface/types.ts";
import { runDescription } from "../interface/write-description.ts";

await runDescription("sluice-endpoints.ts", ({ endpoints }) => printTypes(endpoints));
