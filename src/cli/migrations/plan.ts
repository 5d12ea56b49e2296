/** Decides which migrations a database still needs, and what stands in the way of applying them. */
import type { AppliedMigration, DatabaseState } from "./database-state.ts";
import { hasEarlierTables, splitEarlier } from "./earlier-version.ts";
import type { MigrationFile, MigrationFiles } from "./migration-file.ts";

export interface MigrationPlan {
  /** One line per file, in order. */
  readonly lines: readonly string[];
  /** The runtime's files whose tables are there under the names of an earlier version; null where that was never there. */
  readonly moved: readonly MigrationFile[] | null;
  readonly runtime: readonly MigrationFile[];
  readonly user: readonly MigrationFile[];
  /** Why nothing may be applied. */
  readonly faults: readonly string[];
}

interface Words {
  /** Before the names. */
  readonly owner: string;
  readonly changed: string;
  readonly lost: string;
}

const runtimeWords: Words = {
  owner: "sluice/",
  changed: "is not the file that was applied: install the version of Sluice again",
  lost: "was applied by a newer version of Sluice than this one: install that version, or a later one",
};
const userWords: Words = {
  owner: "",
  changed: "was changed after it was applied: put it back, and write the next migration",
  lost: "was applied, and the file is gone: put it back",
};

type SequencePlan = Pick<MigrationPlan, "lines" | "faults"> & { readonly pending: readonly MigrationFile[] };

/** Compares the files of one sequence with what the database has of it. */
function planSequence(
  files: readonly MigrationFile[],
  applied: readonly AppliedMigration[],
  { owner, ...words }: Words,
): SequencePlan {
  const known = new Map(applied.map(({ name, checksum }) => [name, checksum]));
  const pending = files.filter(({ name }) => !known.has(name));
  const changed = files.filter(({ name, checksum }) => (known.get(name) ?? checksum) !== checksum);
  const lost = applied.filter(({ name }) => files.every((file) => file.name !== name));
  const last = [...known.keys()].toSorted().at(-1) ?? "";
  const late = pending.filter(({ name }) => name < last);
  const stateOf = (file: MigrationFile): string => {
    if (changed.includes(file)) return "changed";
    return known.has(file.name) ? "applied" : "to apply";
  };
  const line = (state: string, name: string) => `${state.padEnd(10)}${owner}${name}`;
  return {
    lines: [...files.map((file) => line(stateOf(file), file.name)), ...lost.map(({ name }) => line("missing", name))],
    pending,
    faults: [
      ...changed.map(({ name }) => `${owner}${name} ${words.changed}`),
      ...lost.map(({ name }) => `${owner}${name} ${words.lost}`),
      ...late.map(({ name }) => `${owner}${name} comes before ${last}, which is applied: give it a higher number`),
    ],
  };
}

/** Compares the files with what the database has. */
export function planMigrations(files: MigrationFiles, state: DatabaseState): MigrationPlan {
  const isEarlier = hasEarlierTables(state);
  const applied = isEarlier ? splitEarlier(state.user) : state;
  const runtime = planSequence(files.runtime, applied.runtime, runtimeWords);
  const user = planSequence(files.user, applied.user, userWords);
  const moved = files.runtime.filter(({ name }) => applied.runtime.some((one) => one.name === name));
  return {
    lines: [...runtime.lines.map((line) => (isEarlier ? line.replace(/^applied /, "to move ") : line)), ...user.lines],
    moved: isEarlier ? moved : null,
    runtime: runtime.pending,
    user: user.pending,
    faults: [...runtime.faults, ...user.faults],
  };
}
