/** Applies new migrations while a development server runs: without them the first call of a new ABI would fail. */
import { existsSync, watch } from "node:fs";
import { join } from "node:path";
import { migrate } from "./start-runtime.ts";
import { projectFolder } from "./wrangler.ts";

/** An editor writes a file in several steps. */
const QUIET_MS = 200;

/** @param print is told of what was applied or stands in the way. @returns what ends it */
export function watchMigrations(print: (text: string, isFault: boolean) => void): () => void {
  const folder = join(projectFolder, "migrations");
  if (!existsSync(folder)) return () => undefined;
  let timer: NodeJS.Timeout | undefined;
  let running = Promise.resolve();
  const apply = async () => {
    try {
      const count = await migrate(null);
      if (count > 0) print(`${count} ${count === 1 ? "migration" : "migrations"} applied`, false);
    } catch (error) {
      print(error instanceof Error ? error.message : String(error), true);
    }
  };
  const watcher = watch(folder, { recursive: true }, () => {
    clearTimeout(timer);
    timer = setTimeout(() => {
      running = running.then(apply);
    }, QUIET_MS);
  });
  return () => {
    clearTimeout(timer);
    watcher.close();
  };
}
