/**
 * Writes the next migration of the runtime's own tables for both databases: what leads from the schemas as they were
 * (`meta/snapshot.json` beside the migrations) to the schemas as they are in src/database.
 *
 *     npm run migrations -- --name links [--check]
 *
 * `--check` writes nothing; exit code 1 = a schema was changed and has no migration yet. An application's own tables are
 * written by hand, with a number of their own.
 */
import { mkdir, readFile, readdir, writeFile } from "node:fs/promises";
import { dirname } from "node:path";
import { parseArgs } from "node:util";
import { projectFolder } from "./runtime/wrangler.ts";
import { schemaKinds, type SchemaKind } from "./migrations/schemas.ts";

interface Change {
  readonly kind: SchemaKind;
  readonly snapshot: string;
  readonly statements: readonly string[];
}

const folderOf = (kind: SchemaKind) => `${projectFolder}migrations/${kind.folder}`;
const snapshotPath = (kind: SchemaKind) => `${folderOf(kind)}/meta/snapshot.json`;

async function readSnapshot(kind: SchemaKind): Promise<string | null> {
  try {
    return await readFile(snapshotPath(kind), "utf8");
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return null;
    throw error;
  }
}

async function findChanges(): Promise<readonly Change[]> {
  const changes = await Promise.all(
    schemaKinds.map(async (kind) => {
      const snapshot = await kind.snapshot(kind.tables);
      return { kind, snapshot, statements: await kind.difference(await readSnapshot(kind), snapshot) };
    }),
  );
  return changes.filter(({ statements }) => statements.length > 0);
}

/** One number for both databases, so that the same change has the same name. */
async function nextNumber(): Promise<string> {
  const names = (await Promise.all(schemaKinds.map((kind) => readdir(folderOf(kind))))).flat();
  const last = Math.max(0, ...names.map((name) => Number(/^\d{4}(?=_.*\.sql$)/.exec(name)?.[0] ?? 0)));
  return String(last + 1).padStart(4, "0");
}

async function write({ kind, snapshot, statements }: Change, fileName: string): Promise<void> {
  await writeFile(`${folderOf(kind)}/${fileName}`, `${statements.join("\n")}\n`, { flag: "wx" });
  await mkdir(dirname(snapshotPath(kind)), { recursive: true });
  await writeFile(snapshotPath(kind), snapshot);
  console.log(`migrations/${kind.folder}/${fileName}: ${statements.length} statements`);
}

async function run(): Promise<number> {
  const { name, check } = parseArgs({
    options: { name: { type: "string" }, check: { type: "boolean", default: false } },
  }).values;
  const changes = await findChanges();
  if (changes.length === 0) {
    console.log("The migrations make the schemas as they are");
    return 0;
  }
  if (check) {
    const folders = changes.map(({ kind }) => `migrations/${kind.folder}`).join(" and ");
    console.error(`${folders} lack a change of src/database: npm run migrations -- --name <what it is about>`);
    return 1;
  }
  if (name === undefined || !/^[a-z0-9]+(?:_[a-z0-9]+)*$/.test(name)) {
    console.error("expected --name with words in lower case, such as --name link_counts");
    return 2;
  }
  const fileName = `${await nextNumber()}_${name}.sql`;
  for (const change of changes) await write(change, fileName);
  return 0;
}

process.exitCode = await run();
