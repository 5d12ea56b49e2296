/** `sluice openapi [<file>] [--check] [--env <environment>]`: writes all endpoints as a document of OpenAPI 3.1. */
import { printOpenApi } from "../../compiler/interface/openapi/document.ts";
import { runDescription } from "../interface/write-description.ts";

await runDescription("openapi.json", ({ endpoints, about }) => printOpenApi(endpoints, about));
