/** Builders for ABIs and compilations. */
import { compileAbis } from "../../../src/compiler/compile.ts";
import type { Compilation, CompileOptions } from "../../../src/compiler/compile.ts";
import { pointerLine } from "../../support/pointer-line.ts";
import { openTarget } from "../../../src/compiler/sql/open-target.ts";
import { readMigrations } from "../../../src/cli/project.ts";
import { sqliteTarget } from "../../../src/compiler/sql/sqlite/target.ts";
import type { SqlQuery } from "../../../src/compiler/sql/query.ts";
import type { Plan, Step } from "../../../src/contract/plan.ts";
import type { UploadStep } from "../../../src/contract/plan/files.ts";
import type { QueryStep } from "../../../src/contract/plan/query.ts";

export const root = new URL("../../..", import.meta.url).pathname;

export const migrations = [
  ...readMigrations(root),
  {
    name: "test.sql",
    sql: `CREATE TABLE albums (
      id TEXT PRIMARY KEY NOT NULL, owner TEXT NOT NULL, title TEXT, settings JSONB, shared BOOLEAN, opened_at TIMESTAMP,
      photos BIGINT, rating REAL, cover BLOB
    );`,
  },
];

export const authentication = {
  tokenize: { type: "JWT", algorithm: "HS256", encryption_key: "$ENV.JWT_SECRET_KEY" },
  protected: { provide_as: "x-access-token", extract_claims: ["id", "email"] },
};

/** D1 with these tables. */
export const d1 = openTarget(sqliteTarget, migrations);

type Members = Record<string, unknown>;

/** A protected endpoint with the given actionables. */
export function abi(actionables: readonly Members[], more: Members = {}): Members {
  return { id: "test-01", resource: "test", ...authentication, actionables, ...more };
}

export function upload(uploads: Members = {}, more: Members = {}): Members {
  return { id: 1, mode: "UPLOAD", uploads: { allowed_mimetypes: ["image/png"], ...uploads }, ...more };
}

export function query(id: number, sql: string, parameters: readonly unknown[] = [], more: Members = {}): Members {
  const { multi, ...rest } = more;
  return {
    id,
    mode: "QUERY",
    sql_query: { query: sql, parameters, ...(multi === undefined ? {} : { multi }) },
    ...rest,
  };
}

/** Compiles ABIs given as objects or texts, named `a.json`, `b.json`, … */
export function compile(
  abis: readonly (Members | string)[],
  options: Partial<CompileOptions> = {},
): Promise<Compilation> {
  const files = abis.map((source, index) => ({
    name: `${String.fromCodePoint(97 + index)}.json`,
    text: typeof source === "string" ? source : JSON.stringify(source),
  }));
  return compileAbis(files, { database: d1, ...options });
}

/** The lines that the command would print. */
export async function diagnose(...abis: readonly (Members | string)[]): Promise<string[]> {
  return (await compile(abis)).diagnostics.map(pointerLine);
}

/** The plan of the first ABI; fails with the faults where there is none. */
export async function plan(...abis: readonly Members[]): Promise<Plan> {
  const { plans, diagnostics } = await compile(abis);
  const found = plans.find(({ id }) => id === abis[0]?.["id"]);
  if (found === undefined) throw new Error(diagnostics.map(pointerLine).join("\n"));
  return found;
}

export function asQuery(step: Step | undefined): QueryStep {
  if (step?.mode !== "query") throw new Error(`expected a query, found ${String(step?.mode)}`);
  return step;
}

export function asUpload(step: Step | undefined): UploadStep {
  if (step?.mode !== "upload") throw new Error(`expected an upload, found ${String(step?.mode)}`);
  return step;
}

/** What is wrong with a statement, without the places. */
export const messagesOf = ({ faults }: Pick<SqlQuery, "faults">): string[] => faults.map(({ message }) => message);
