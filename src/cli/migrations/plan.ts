/** Decides which migrations a database still needs, and what stands in the way of applying them. */
import type { MigrationFile } from "./migration-file.ts";

export interface AppliedMigration {
  readonly name: string;
  /** Null where the database does not keep it. */
  readonly checksum: string | null;
}

export interface MigrationPlan {
  /** One line per file, in order. */
  readonly lines: readonly string[];
  readonly pending: readonly MigrationFile[];
  /** Why nothing may be applied. */
  readonly faults: readonly string[];
}

/** Compares the files with what the database has. */
export function planMigrations(files: readonly MigrationFile[], applied: readonly AppliedMigration[]): MigrationPlan {
  const known = new Map(applied.map(({ name, checksum }) => [name, checksum]));
  const pending = files.filter(({ name }) => !known.has(name));
  const changed = files.filter(({ name, checksum }) => (known.get(name) ?? checksum) !== checksum);
  const lost = applied.filter(({ name }) => files.every((file) => file.name !== name));
  const last =
    applied
      .map(({ name }) => name)
      .toSorted()
      .at(-1) ?? "";
  const late = pending.filter(({ name }) => name < last);
  const stateOf = (file: MigrationFile): string => {
    if (changed.includes(file)) return "changed";
    return known.has(file.name) ? "applied" : "to apply";
  };
  return {
    lines: [
      ...files.map((file) => `${stateOf(file).padEnd(10)}${file.name}`),
      ...lost.map(({ name }) => `${"missing".padEnd(10)}${name}`),
    ],
    pending,
    faults: [
      ...changed.map(
        ({ name }) => `${name} was changed after it was applied: put it back, and write the next migration`,
      ),
      ...lost.map(({ name }) => `${name} was applied, and the file is gone: put it back`),
      ...late.map(({ name }) => `${name} comes before ${last}, which is applied: give it a higher number`),
    ],
  };
}
