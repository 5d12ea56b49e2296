/** Prints the plans of all sets as JSON, each with what its endpoint is said to answer: `node compile.ts d1`. */
import { compileAbis } from "../../../src/compiler/compile.ts";
import { pointerLine } from "../pointer-line.ts";
import { openTarget } from "../../../src/compiler/sql/open-target.ts";
import { createPostgresTarget } from "../../../src/compiler/sql/postgres/target.ts";
import { readMigrations } from "../../../src/cli/project.ts";
import { sqliteTarget } from "../../../src/compiler/sql/sqlite/target.ts";
import type { DescribedPlan } from "../conforms.ts";
import { sets } from "./sets.ts";

const engine = process.argv[2] === "postgres" ? "postgres" : "d1";
const root = new URL("../../..", import.meta.url).pathname;
const tables = Object.entries(sets).map(([name, { tableOf }]) => ({ name: `${name}.sql`, sql: `${tableOf(engine)};` }));
const migrations = [...readMigrations(root, engine), ...tables];
const database = openTarget(engine === "d1" ? sqliteTarget : createPostgresTarget(), migrations);
const compiled: Record<string, readonly DescribedPlan[]> = {};
// One after the other: they share one connection.
for (const [name, { abis }] of Object.entries(sets)) {
  const files = abis.map((abi) => ({ name: `${abi.id}.json`, text: JSON.stringify(abi) }));
  const { plans, endpoints, diagnostics } = await compileAbis(files, { database });
  if (plans.length < abis.length) throw new Error(diagnostics.map(pointerLine).join("\n"));
  compiled[name] = endpoints.flatMap(({ plan, answer }) => {
    return plan === null || answer === null ? [] : { ...plan, described: answer };
  });
}
await database.close();
process.stdout.write(JSON.stringify(compiled));
