/**
 * Makes wrangler read its configuration once more when whoever writes it is done. Many editors empty a file before they fill
 * it: wrangler may read it in between, and its watcher passes over a change that comes within 50 ms of another, or while the
 * watcher starts anew, as it does after each.
 */
import { statSync, utimesSync, watch } from "node:fs";
import { basename, dirname, join } from "node:path";
import { findConfiguration } from "../configuration/file.ts";
import type { LogLine } from "./log-lines.ts";

/** Without a change for so long, a file is written whole. Longer than what wrangler passes over. */
const QUIET_MS = 200;
/** How long wrangler has for a sign that it has read the file: then it is asked again, at last started again. */
const PATIENCE_MS = [1000, 2000, 4000];
/**
 * The first sign may be of what wrangler has read in between, and its watcher may have passed over what came since. So it is
 * asked once more, when that watcher has long begun anew.
 */
const SETTLING_MS = 1000;
/** How long what is told twice comes of another reading. */
const REPETITION_MS = 5000;

export interface ConfigurationWatch {
  /** Passes on what wrangler says. A fault of a file that is being written is left out: read again, it is told if it lasts. */
  hear(line: LogLine): void;
  /** Resolves at once, or when the file that is being written is whole. */
  settled(): Promise<void>;
  /** Is told that wrangler asks for a build, as it does after it has read the file. */
  buildAsked(): void;
  /** False for what was told since the last change already, and comes again because wrangler reads a second time. */
  isNews(text: string): boolean;
  close(): void;
}

/**
 * @param root the project's folder
 * @param emit takes the lines that `hear` passes on
 * @param restart is called where wrangler no longer watches the file, as after some deletions
 */
export function watchConfiguration(
  root: string,
  emit: (line: LogLine) => void,
  restart: () => void,
): ConfigurationWatch {
  const found = findConfiguration(root);
  const path = join(root, found?.overruledBy ?? found?.name ?? "wrangler.toml");
  const name = basename(path);
  let known = stampOf(path);
  let whole = Promise.resolve();
  /** Resolves `whole`; null while nobody writes. */
  let finish: (() => void) | null = null;
  let timer: NodeJS.Timeout | undefined;
  let rereadAt = -Infinity;
  /** No sign has come since the last change. */
  let isUnsure = false;
  /** One has come, and wrangler will be asked again. */
  let isSettling = false;
  let held: LogLine[] = [];
  // Without a command in the file there is never a sign.
  let asksBuilds = false;
  let told = new Set<string>();

  const isNews = (text: string) => {
    const isRepeated = told.has(text) && performance.now() - rereadAt < REPETITION_MS;
    told.add(text);
    return !isRepeated;
  };
  const tell = (line: LogLine) => {
    if (isNews(JSON.stringify(line))) emit(line);
  };
  const reread = ([patience, ...others]: readonly number[]) => {
    const isAsked = patience !== undefined && touch(path);
    if (!isAsked) {
      for (const line of held.splice(0)) tell(line);
      if (patience === undefined && asksBuilds) restart();
      return;
    }
    known = stampOf(path);
    rereadAt = performance.now();
    timer = setTimeout(() => reread(others), patience);
  };
  const onChange = () => {
    const stamp = stampOf(path);
    // It was only read, or is what `touch` left.
    if (stamp === known) return;
    known = stamp;
    if (finish === null) {
      whole = new Promise((resolve) => (finish = resolve));
      told = new Set();
    }
    isUnsure = true;
    isSettling = false;
    clearTimeout(timer);
    timer = setTimeout(() => {
      reread(PATIENCE_MS);
      finish?.();
      finish = null;
    }, QUIET_MS);
  };
  const onSign = () => {
    if (finish !== null || isSettling) return;
    clearTimeout(timer);
    held = [];
    isSettling = isUnsure;
    isUnsure = false;
    if (!isSettling) return;
    timer = setTimeout(() => {
      isSettling = false;
      reread(PATIENCE_MS);
    }, SETTLING_MS);
  };
  // Of the folder: another file may take the place of this one.
  const watcher = watch(dirname(path), (_, changed) => {
    if (changed === null || changed === name) onChange();
  });
  return {
    hear(line) {
      if (line.kind === "fault") onSign();
      if (!isLoudAbout(line, name)) return emit(line);
      if (finish === null) tell(line);
      else held.push(line);
    },
    settled: () => whole,
    buildAsked() {
      asksBuilds = true;
      onSign();
    },
    isNews,
    close() {
      clearTimeout(timer);
      watcher.close();
      finish?.();
    },
  };
}

function isLoudAbout(line: LogLine, name: string): boolean {
  if (line.kind !== "fault" && line.kind !== "warning") return false;
  return [line.text, ...line.trace].some((text) => text.includes(name));
}

/** Another one after each change; null where there is no file. */
function stampOf(path: string): string | null {
  const stats = statSync(path, { throwIfNoEntry: false });
  return stats === undefined ? null : `${String(stats.ino)} ${String(stats.size)} ${String(stats.mtimeMs)}`;
}

/**
 * A change for watchers, and none for editors: the time of the last change stays, that of the last reading is set to it.
 * @returns whether that could be done: the file is somebody else's, or gone
 */
function touch(path: string): boolean {
  try {
    const seconds = statSync(path).mtimeMs / 1000;
    utimesSync(path, seconds, seconds);
    return true;
  } catch {
    return false;
  }
}
