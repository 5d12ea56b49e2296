/**
 * What one build of a development server leaves for the next, in a file that may go at any time. No other build reads it:
 * what is deployed is compiled anew.
 */
import { createHash } from "node:crypto";
import { readdirSync, statSync } from "node:fs";
import { join } from "node:path";
import type { SqlQuery, StatementMemory } from "../../../compiler/sql/query.ts";
import type { Migration } from "../../../compiler/sql/target.ts";
import { readSource, writeIfStale } from "../../project.ts";
import type { KnownRoutes } from "./partial-build.ts";

const memoryPath = ".sluice/development.json";

export interface Memory {
  readonly routes: KnownRoutes;
  /** Analysed statements, and for what. */
  readonly statements: { readonly key: string; readonly known: Readonly<Record<string, SqlQuery>> };
}

const nothing: Memory = { routes: {}, statements: { key: "", known: {} } };

/** What the last build remembered. */
export function recall(root: string): Memory {
  try {
    return { ...nothing, ...(JSON.parse(readSource(root)(memoryPath) ?? "{}") as Partial<Memory>) };
  } catch {
    // Written by another version, or by half.
    return nothing;
  }
}

export function remember(root: string, memory: Memory): void {
  writeIfStale(root, memoryPath, `${JSON.stringify(memory)}\n`);
}

/** When each file of the compiler was written: another version finds other things. */
export function compilerFiles(): string[] {
  const folder = join(import.meta.dirname, "../../../compiler");
  const names = readdirSync(folder, { recursive: true, encoding: "utf8" });
  return names.map((name) => `${name} ${String(statSync(join(folder, name)).mtimeMs)}`);
}

export interface KeptStatements extends StatementMemory {
  /** Those that were asked for: what no ABI has any more is forgotten. */
  kept(): Memory["statements"];
}

/** @param target the database's kind */
export function keepStatements(
  { statements }: Memory,
  target: string,
  migrations: readonly Migration[],
): KeptStatements {
  const key = createHash("sha256")
    .update(JSON.stringify([target, migrations, compilerFiles()]))
    .digest("hex");
  const before = new Map(statements.key === key ? Object.entries(statements.known) : []);
  const asked = new Map<string, SqlQuery>();
  return {
    recall: (statement) => before.get(statement),
    remember: (statement, query) => void asked.set(statement, query),
    kept: () => ({ key, known: Object.fromEntries(asked) }),
  };
}
