/** Finds PostgreSQL's server programs, which Debian keeps out of PATH. */
import { access, constants, readdir } from "node:fs/promises";
import { delimiter, join } from "node:path";

const DEBIAN_FOLDER = "/usr/lib/postgresql";

/** What to say where there are none. */
export const MISSING = "PostgreSQL's server programs (initdb, postgres) are missing: apt-get install postgresql";

/** The folder with `initdb` and `postgres`: in PATH, else the newest of Debian's. Null: none. */
export async function findBinaries(): Promise<string | null> {
  const inPath = (process.env["PATH"] ?? "").split(delimiter).filter((folder) => folder !== "");
  const versions = await readdir(DEBIAN_FOLDER).catch(() => []);
  const debian = versions.toSorted((a, b) => Number(b) - Number(a)).map((name) => join(DEBIAN_FOLDER, name, "bin"));
  for (const folder of [...inPath, ...debian]) {
    if ((await isExecutable(join(folder, "initdb"))) && (await isExecutable(join(folder, "postgres")))) return folder;
  }
  return null;
}

const isExecutable = (path: string): Promise<boolean> =>
  access(path, constants.X_OK).then(
    () => true,
    () => false,
  );
