/** The package as npm packs it: this tree's, and a later version of it. */
import { cp, readFile, writeFile } from "node:fs/promises";
import { basename, join } from "node:path";
import { publint } from "publint";
import { laterMigrations } from "../../support/node/later-migrations.ts";
import { check, root, run } from "./commands.ts";

const MAX_PACKED_BYTES = 610_000;
const built = join(root, "dist");

interface Manifest {
  readonly version: string;
}

/** @returns its path in the folder */
async function pack(from: string, folder: string): Promise<string> {
  const said = await run(from, "npm", ["pack", "--json", "--pack-destination", folder]);
  const [packed] = JSON.parse(said.slice(said.indexOf("["))) as readonly { filename: string; size: number }[];
  if (packed === undefined) throw new Error("npm packed nothing");
  check(packed.size <= MAX_PACKED_BYTES, `${packed.filename} has ${packed.size} bytes`);
  return join(folder, basename(packed.filename));
}

export async function packThisVersion(folder: string): Promise<string> {
  await run(root, process.execPath, ["tools/package.ts"]);
  return pack(built, folder);
}

/** What those who import from it rely on. @param file of `packThisVersion` */
export async function checkPackage(file: string): Promise<void> {
  const { messages } = await publint({ pkgDir: built });
  check(messages.length === 0, "publint finds nothing", messages);
  // Workers are ES modules: who requires them from CommonJS, or resolves as Node 10 did, has no use for them.
  await run(root, "node_modules/.bin/attw", [file, "--profile", "esm-only", "--quiet"]);
  check(true, "declarations fit their modules (attw)");
  // By the names that others import, in the package itself.
  const calling = `
    import { createClient } from "sluice/client";
    import { resumableUploads } from "sluice/client/tus";
    import { uppyPreset } from "sluice/uppy";
    const { call, discard } = resumableUploads(createClient("", { endpoints: {} }));
    console.log(typeof call, typeof discard, typeof uppyPreset);`;
  const said = await run(built, process.execPath, ["--input-type=module", "--eval", calling]);
  check(said === "function function function\n", "the client's modules load in Node", said);
  const { version } = JSON.parse(await readFile(join(built, "package.json"), "utf8")) as Manifest;
  const changes = await readFile(join(built, "CHANGELOG.md"), "utf8");
  check(changes.includes(`\n## ${version}\n`), `CHANGELOG.md says what is in ${version}`);
}

/** The same code under a later version, with a migration that makes a table and a column more. */
export async function packLaterVersion(folder: string): Promise<string> {
  const later = join(folder, "later");
  await cp(built, later, { recursive: true });
  const edit = async (path: string, from: RegExp, to: string) => {
    const text = await readFile(join(later, path), "utf8");
    if (!from.test(text)) throw new Error(`${path} has no ${String(from)}`);
    await writeFile(join(later, path), text.replace(from, to));
  };
  await edit("package.json", /"version": ".*"/, '"version": "0.2.0"');
  await edit("lib/contract/release.js", /majorVersion = ".*"/, 'majorVersion = "0.2"');
  for (const [kind, { name, sql }] of Object.entries(laterMigrations)) {
    await writeFile(join(later, "lib/runtime/database/migrations", kind, name), sql);
  }
  return pack(later, folder);
}
