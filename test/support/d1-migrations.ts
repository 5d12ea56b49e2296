/** The statements that make a new D1: the runtime's migrations, then the sample's. */
import { readMigrations } from "../../src/cli/project.ts";

const root = new URL("../..", import.meta.url).pathname;

export function d1Statements(): string[] {
  return readMigrations(root, "d1").flatMap(({ sql }) => toStatements(sql));
}

/** Of files whose triggers have no CASE. */
export function toStatements(sql: string): string[] {
  const statements = sql.replace(/--.*$/gm, "").match(/\s*CREATE TRIGGER [^]*?\bEND\b|[^;]+/gi) ?? [];
  return statements.map((statement) => statement.replace(/\s+/g, " ").trim()).filter((statement) => statement !== "");
}
