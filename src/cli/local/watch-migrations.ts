/** Applies new migrations while a development server runs: without them the first call of a new ABI would fail. */
import { existsSync, watch, type FSWatcher } from "node:fs";
import { join } from "node:path";
import type { LogLine } from "./log-lines.ts";
import { migrate } from "./start-runtime.ts";
import { projectFolder } from "./wrangler.ts";

/** An editor writes a file in several steps. */
const QUIET_MS = 200;

/** @param emit is told of what was applied or stands in the way. @returns what ends it */
export function watchMigrations(emit: (line: LogLine) => void): () => void {
  const folder = join(projectFolder, "migrations");
  let timer: NodeJS.Timeout | undefined;
  let running = Promise.resolve();
  const apply = async () => {
    try {
      const count = await migrate(null);
      if (count > 0) emit({ kind: "tables", text: `${count} ${count === 1 ? "migration" : "migrations"} applied` });
    } catch (error) {
      const [text = "", ...trace] = (error instanceof Error ? error.message : String(error)).split("\n");
      emit({ kind: "fault", text, trace });
    }
  };
  const onChange = () => {
    clearTimeout(timer);
    timer = setTimeout(() => {
      running = running.then(apply);
    }, QUIET_MS);
  };
  const watchers: FSWatcher[] = [];
  const watchFolder = () => watchers.push(watch(folder, { recursive: true }, onChange));
  if (existsSync(folder)) watchFolder();
  else {
    // A project without tables gets its first.
    const parent = watch(projectFolder, () => {
      if (watchers.length > 1 || !existsSync(folder)) return;
      watchFolder();
      onChange();
    });
    watchers.push(parent);
  }
  return () => {
    clearTimeout(timer);
    for (const watcher of watchers) watcher.close();
  };
}
