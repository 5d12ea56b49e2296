/** Prints the plans of the endpoints as JSON: `node compile-plans.ts d1`. */
import { compileAbis } from "../../../../../src/compiler/compile.ts";
import { formatDiagnostic } from "../../../../../src/compiler/text/diagnostic.ts";
import { openEngine } from "../../../../../src/compiler/sql/open-engine.ts";
import { createPostgresEngine } from "../../../../../src/compiler/sql/postgres/engine.ts";
import { readMigrations } from "../../../../../src/cli/project.ts";
import { sqliteEngine } from "../../../../../src/compiler/sql/sqlite/engine.ts";
import { abis, tableOf } from "./endpoints.ts";

const engine = process.argv[2] === "postgres" ? "postgres" : "d1";
const root = new URL("../../../../..", import.meta.url).pathname;
const migrations = [...readMigrations(root, engine), { name: "kept.sql", sql: `${tableOf(engine)};` }];
const database = openEngine(engine === "d1" ? sqliteEngine : createPostgresEngine(), migrations);
const files = abis.map((abi) => ({ name: `${abi.id}.json`, text: JSON.stringify(abi) }));
const { plans, diagnostics } = await compileAbis(files, { database });
await database.close();
if (plans.length < abis.length) throw new Error(diagnostics.map(formatDiagnostic).join("\n"));
process.stdout.write(JSON.stringify(plans));
