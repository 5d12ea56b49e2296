/** Runs statements on D1 with wrangler: locally, or in the account. */
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { setTimeout as sleep } from "node:timers/promises";
import { join } from "node:path";
import { readWords } from "../../compiler/migrations/words.ts";
import { d1Binding } from "../../contract/bindings.ts";
import { runWrangler } from "../local/wrangler.ts";
import { maxArgumentBytes } from "../platform.ts";

export interface D1Place {
  /** The deployed database; else the local one. */
  readonly isRemote: boolean;
  /** Folder of the local one; null = the project's own, `.wrangler/state`. */
  readonly storageFolder: string | null;
  /** The environment of wrangler's configuration; null = the top level. */
  readonly environment: string | null;
}

type Row = Readonly<Record<string, unknown>>;

/** Runs statements, or whole files of them, as one transaction. Resolves with the rows of each statement. */
export type RunOnD1 = (statements: readonly string[]) => Promise<readonly (readonly Row[])[]>;

/** @throws Error with what D1 says */
export function openD1(place: D1Place): RunOnD1 {
  return async (statements) => {
    const text = statements.map((sql) => (readWords(sql).at(-1)?.text === ";" ? sql : `${sql}\n;`)).join("\n");
    if (Buffer.byteLength(text) <= maxArgumentBytes()) return execute(place, ["--command", text]);
    // Of a file, too, D1 keeps all or nothing; meanwhile it answers nobody.
    const folder = await mkdtemp(join(tmpdir(), "sluice-migrate-"));
    try {
      const path = join(folder, "migrations.sql");
      await writeFile(path, text);
      return await execute(place, ["--file", path]);
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  };
}

async function execute(
  { isRemote, storageFolder, environment }: D1Place,
  sql: readonly string[],
): Promise<readonly (readonly Row[])[]> {
  const options = [
    "d1",
    "execute",
    d1Binding,
    "--json",
    "--yes",
    isRemote ? "--remote" : "--local",
    ...(storageFolder === null ? [] : ["--persist-to", storageFolder]),
    ...(environment === null ? [] : ["--env", environment]),
  ];
  const run = async () => {
    const output = await runWrangler([...options, ...sql]);
    return (JSON.parse(output) as readonly { readonly results: readonly Row[] }[]).map(({ results }) => results);
  };
  for (let tries = 1; ; tries++) {
    try {
      return await run();
    } catch (error) {
      const reason = reasonOf(error);
      // Another command, or a server, is writing to the local file: nothing of this was done.
      if (!reason.includes("SQLITE_BUSY") || tries === MOST_TRIES) throw new Error(reason, { cause: error });
      await sleep(tries * PAUSE_MILLISECONDS);
    }
  }
}

/** Of a database that is locked, and how much longer each is waited for than the one before. */
const MOST_TRIES = 5;
const PAUSE_MILLISECONDS = 300;

/** What D1 says, without what wrangler adds. */
function reasonOf(error: unknown): string {
  const message = error instanceof Error ? error.message : String(error);
  const text = /"text": ("(?:[^"\\]|\\.)*")/.exec(message)?.[1];
  return text === undefined ? message : String(JSON.parse(text));
}
