/** What must be undone when a request fails. */
import type { Log } from "../log.ts";

export interface UndoList {
  /** Registers before the work begins, so that work that fails half-way is undone too. */
  add(name: string, undo: () => Promise<void>): void;
  /** Undoes everything, the last first. Never throws: what cannot be undone now is logged and left to the sweep. */
  run(): Promise<void>;
}

export function createUndoList(log: Log): UndoList {
  const entries: { name: string; undo: () => Promise<void> }[] = [];
  return {
    add: (name, undo) => void entries.push({ name, undo }),
    async run() {
      for (const { name, undo } of entries.toReversed()) {
        try {
          await undo();
        } catch (error) {
          log("warn", "undo_failed", { name, error: error instanceof Error ? error.message : String(error) });
        }
      }
    },
  };
}
