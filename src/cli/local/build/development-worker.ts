/**
 * Writes the Worker that `wrangler dev` is given: the project's own with what only development needs around it, so that a
 * deployment has nothing of it.
 */
import { dirname, join } from "node:path";
import { packageFile } from "../../package-file.ts";
import { importPath } from "../../platform.ts";
import { writeIfStale } from "../../project.ts";

/** From the project's folder. */
export const developmentWorkerPath = ".sluice/development.js";

/** @param root the project's folder. @param name of the Worker in the module, which lies in .sluice */
function wrapping(root: string, name: string): { readonly imports: readonly string[]; readonly exported: string } {
  const moduleOf = (module: string) => nameIn(root, packageFile(module));
  return {
    imports: [
      'import { plans, uncompiled } from "./plans.ts";',
      'import { openApi as document } from "./openapi.ts";',
      `import { forDevelopment } from ${moduleOf("runtime/development/for-development")};`,
      `import { withOpenApi as inFront } from ${moduleOf("runtime/http/openapi")};`,
      // It imports nothing, and the runtime may import nothing of the compiler's.
      `import { nearest } from ${moduleOf("compiler/text/suggest")};`,
    ],
    exported: [
      "const withOpenApi = (handlers) => inFront(handlers, document);",
      `export default forDevelopment(${name}, { plans, uncompiled, nearest, withOpenApi });`,
    ].join("\n"),
  };
}

const nameIn = (root: string, file: string): string =>
  JSON.stringify(importPath(join(root, dirname(developmentWorkerPath)), file));

/** @param main the Worker's module, from the project's folder. @returns the module to run instead, from there as well */
export function writeDevelopmentWorker(root: string, main: string): string {
  const worker = nameIn(root, join(root, main));
  const { imports, exported } = wrapping(root, "worker");
  const lines = [
    "/** Written by `sluice dev`, never edited by hand. No TypeScript: whatever the Worker's types are, nobody checks it. */",
    `import worker from ${worker};`,
    ...imports,
    "",
    // Durable Objects, Workflows and entry points of the author's own.
    `export * from ${worker};`,
    exported,
    "",
  ];
  writeIfStale(root, developmentWorkerPath, lines.join("\n"));
  return developmentWorkerPath;
}

/** The same of the generated Worker's text, for `wrangler dev` without `sluice dev`. */
export function developmentWorkerOf(root: string, text: string): string {
  const { imports, exported } = wrapping(root, "worker");
  const wrapped = text.replace("export default ", "const worker = ");
  return ["// @ts-nocheck: only while `wrangler dev` runs.", ...imports, wrapped + exported, ""].join("\n");
}
