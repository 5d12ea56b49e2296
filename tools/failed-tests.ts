/**
 * Counts what a report of vitest (JSON) says: prints "<passed> <failed>", and to the standard error the first line of each
 * failure.
 *
 *     node tools/failed-tests.ts <report>
 */
import { readFile } from "node:fs/promises";
import { relative } from "node:path";

interface Report {
  readonly numPassedTests: number;
  readonly numFailedTests: number;
  readonly testResults: readonly {
    readonly name: string;
    readonly status: string;
    readonly message: string;
    readonly assertionResults: readonly {
      readonly status: string;
      readonly fullName: string;
      readonly failureMessages?: readonly string[];
    }[];
  }[];
}

const firstLine = (text: string) => text.split("\n", 1)[0] ?? "";

const [path = ""] = process.argv.slice(2);
const report = JSON.parse(await readFile(path, "utf8")) as Report;
for (const { name, status, message, assertionResults } of report.testResults) {
  const file = relative(process.cwd(), name);
  const failed = assertionResults.filter((result) => result.status === "failed");
  for (const { fullName, failureMessages: [fault = ""] = [] } of failed) {
    console.error(`  ${file}: ${fullName.trim()}: ${firstLine(fault)}`);
  }
  // Before its first test: an import, a hook.
  if (status === "failed" && failed.length === 0) console.error(`  ${file}: ${firstLine(message)}`);
}
console.log(`${report.numPassedTests} ${report.numFailedTests}`);
