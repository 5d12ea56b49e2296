/** Finds the file with wrangler's configuration. Each command begins with it, so nothing that is slow to load is imported. */
import { existsSync, readFileSync } from "node:fs";
import { dirname, join, relative, resolve } from "node:path";

export interface ConfigurationFile {
  readonly name: string;
  readonly text: string;
}

export interface FoundConfiguration extends ConfigurationFile {
  /** Files that are there as well, which wrangler does not read. */
  readonly ignored: readonly string[];
  /** The file of a folder above that wrangler reads in place of this one, by its path from here; null = this one. */
  readonly overruledBy: string | null;
}

/** In wrangler's order: it takes the first that is there, and looks in the folders above before it goes on to the next. */
const names = ["wrangler.json", "wrangler.jsonc", "wrangler.toml"] as const;

/** Null where the folder has none: it is no project. */
export function findConfiguration(folder: string): FoundConfiguration | null {
  const [name, ...ignored] = names.filter((path) => existsSync(join(folder, path)));
  if (name === undefined) return null;
  const overruledBy = findAbove(resolve(folder), names.slice(0, names.indexOf(name)));
  return { name, text: readFileSync(join(folder, name), "utf8"), ignored, overruledBy };
}

function findAbove(folder: string, wanted: readonly string[]): string | null {
  for (let above = dirname(folder), below = folder; above !== below; below = above, above = dirname(above)) {
    const found = wanted.find((name) => existsSync(join(above, name)));
    if (found !== undefined) return relative(folder, join(above, found));
  }
  return null;
}
