/**
 * Writes the Worker that `wrangler dev` is given: the project's own with what only development needs around it, so that a
 * deployment has nothing of it.
 */
import { dirname, join } from "node:path";
import { packageFile } from "../package-file.ts";
import { importPath } from "../platform.ts";
import { writeIfStale } from "../project.ts";

/** From the project's folder. */
export const developmentWorkerPath = ".sluice/development.js";

/** @param main the Worker's module, from the project's folder. @returns the module to run instead, from there as well */
export function writeDevelopmentWorker(root: string, main: string): string {
  const nameOf = (file: string) => JSON.stringify(importPath(join(root, dirname(developmentWorkerPath)), file));
  const worker = nameOf(join(root, main));
  const lines = [
    "/** Written by `sluice dev`, never edited by hand. No TypeScript: whatever the Worker's types are, nobody checks it. */",
    `import worker from ${worker};`,
    `import { forDevelopment } from ${nameOf(packageFile("runtime/development"))};`,
    "",
    // Durable Objects, Workflows and entry points of the author's own.
    `export * from ${worker};`,
    "export default forDevelopment(worker);",
    "",
  ];
  writeIfStale(root, developmentWorkerPath, lines.join("\n"));
  return developmentWorkerPath;
}
