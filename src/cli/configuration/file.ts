/** Finds the file with wrangler's configuration. Each command begins with it, so nothing that is slow to load is imported. */
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";

export interface ConfigurationFile {
  readonly name: string;
  readonly text: string;
}

export interface FoundConfiguration extends ConfigurationFile {
  /** Files that are there as well, which wrangler does not read. */
  readonly ignored: readonly string[];
}

/** In wrangler's order: it takes the first that is there. */
const names = ["wrangler.json", "wrangler.jsonc", "wrangler.toml"] as const;

/** Null where the folder has none: it is no project. */
export function findConfiguration(folder: string): FoundConfiguration | null {
  const [name, ...ignored] = names.filter((path) => existsSync(join(folder, path)));
  return name === undefined ? null : { name, text: readFileSync(join(folder, name), "utf8"), ignored };
}
