/** Prints the plans of the endpoints as JSON: `node compile-plans.ts d1`. */
import { compileAbis } from "../../../../../src/compiler/compile.ts";
import { formatDiagnostic } from "../../../../../src/compiler/text/diagnostic.ts";
import { openTarget } from "../../../../../src/compiler/sql/open-target.ts";
import { createPostgresTarget } from "../../../../../src/compiler/sql/postgres/target.ts";
import { readMigrations } from "../../../../../src/cli/project.ts";
import { sqliteTarget } from "../../../../../src/compiler/sql/sqlite/target.ts";
import { abis, tableOf } from "./endpoints.ts";

const engine = process.argv[2] === "postgres" ? "postgres" : "d1";
const root = new URL("../../../../..", import.meta.url).pathname;
const migrations = [...readMigrations(root, engine), { name: "kept.sql", sql: `${tableOf(engine)};` }];
const database = openTarget(engine === "d1" ? sqliteTarget : createPostgresTarget(), migrations);
const files = abis.map((abi) => ({ name: `${abi.id}.json`, text: JSON.stringify(abi) }));
const { plans, diagnostics } = await compileAbis(files, { database });
await database.close();
if (plans.length < abis.length) throw new Error(diagnostics.map(formatDiagnostic).join("\n"));
process.stdout.write(JSON.stringify(plans));
