/** The statements that make a new D1: the runtime's migrations, then the sample's. */
import { readMigrations } from "../../src/cli/project.ts";

const root = new URL("../..", import.meta.url).pathname;

export function d1Statements(): string[] {
  return readMigrations(root, "d1").flatMap(({ sql }) => toStatements(sql));
}

/** Of files without triggers. */
export function toStatements(sql: string): string[] {
  return sql
    .replace(/--.*$/gm, "")
    .split(";")
    .map((statement) => statement.replace(/\s+/g, " ").trim())
    .filter((statement) => statement !== "");
}
