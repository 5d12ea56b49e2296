/** What an author's own code is told of: after the answer, and without a promise that it is. */
import type { ProblemCode } from "../contract/problem.ts";
import type { StoredFile } from "./files/record.ts";
import type { Log } from "./log.ts";

/** The files of one call, after they became durable. Not told of a repeat that an idempotency key answered. */
export interface StoredEvent {
  readonly requestId: string;
  /** Id of the ABI; `v1/upload` for the file API. */
  readonly endpoint: string;
  readonly files: readonly StoredFile[];
}

/** Files that a caller deleted. Not told of files whose time is over, which the sweep removes by the thousand. */
export interface DeletedEvent {
  readonly requestId: string;
  /** Whose files they are; null: nobody's, as they came through an endpoint without callers. */
  readonly owner: string | null;
  readonly storageKeys: readonly string[];
  /** True: the objects are kept for RETENTION_SECONDS, and the owner can restore them. */
  readonly isRestorable: boolean;
}

/** A call that was answered with a problem. */
export interface RefusedEvent {
  readonly requestId: string;
  readonly method: string;
  /** With the path that the app is mounted at, without the query. */
  readonly path: string;
  readonly status: number;
  readonly code: ProblemCode;
}

/** What may be told, by the hook's name. */
export interface Events {
  readonly onStored: StoredEvent;
  readonly onDeleted: DeletedEvent;
  readonly onRefused: RefusedEvent;
}

/**
 * Hooks run after the answer, each by itself. What one throws is logged as `hook_failed` and changes nothing; one that hangs
 * holds nobody up, and the platform ends it 30 s after the answer. With the isolate it may be lost: what must not be lost is
 * a background step of an ABI. The second argument is the Worker's `env`; a promise that is returned is waited for.
 */
export interface Hooks<Env = unknown> {
  onStored?(event: StoredEvent, env: Env): unknown;
  onDeleted?(event: DeletedEvent, env: Env): unknown;
  onRefused?(event: RefusedEvent, env: Env): unknown;
  /** Told of every structured line, in place of the console. */
  readonly log?: Log;
}

/** Tells a hook, if there is one. Never throws. */
export type Emit = <Name extends keyof Events>(name: Name, event: Events[Name]) => void;

export type WaitUntil = (work: Promise<unknown>) => void;

export function createEmitter(hooks: Hooks, env: unknown, log: Log, waitUntil: WaitUntil): Emit {
  return (name, event) => {
    const run = async () => {
      try {
        // The answer goes first.
        await scheduler.wait(0);
        await hooks[name]?.(event as never, env);
      } catch (error) {
        // The author has to find the place.
        log("error", "hook_failed", { hook: name, error: String(error), stack: (error as Error | null)?.stack });
      }
    };
    if (hooks[name] !== undefined) waitUntil(run());
  };
}
