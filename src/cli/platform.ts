/**
 * What differs between operating systems. Each function takes the platform, or Node's path module of it, as an argument that
 * has a default, so that what Windows gets can be tried anywhere.
 */
import { spawnSync } from "node:child_process";
import nodePath, { type PlatformPath } from "node:path";

const { platform } = process;
const isWindows = (name: NodeJS.Platform): boolean => name === "win32";

/**
 * How a child is started so that `endTree` reaches what it starts itself, and a Ctrl-C in the terminal reaches only this
 * process. Windows has no groups: there Ctrl-C reaches all, and a detached child would get a window of its own.
 */
export function ownTree(name: NodeJS.Platform = platform): { readonly detached: boolean; readonly windowsHide: true } {
  return { detached: !isWindows(name), windowsHide: true };
}

/** What ends processes; replaced where it is tried. */
export interface ProcessEnder {
  readonly signal: (pid: number, signal: NodeJS.Signals) => void;
  readonly run: (command: string, parameters: readonly string[]) => void;
}

const ender: ProcessEnder = {
  signal: (pid, signal) => process.kill(pid, signal),
  run: (command, parameters) => spawnSync(command, parameters, { stdio: "ignore", windowsHide: true }),
};

/**
 * Signals a child of `ownTree` and all that it has started; harmless when they have ended. On Windows every signal ends
 * them: there is none that a program without a window could be asked with.
 */
export function endTree(pid: number, signal: NodeJS.Signals, name = platform, { signal: send, run } = ender): void {
  if (isWindows(name)) return run("taskkill", ["/PID", String(pid), "/T", "/F"]);
  try {
    send(-pid, signal);
  } catch {
    // The group has ended.
  }
}

/** The environment with a folder in front of the path, whose variable Windows spells as it likes. */
export function withProgramsOf(
  folder: string,
  environment: NodeJS.ProcessEnv,
  { delimiter }: Pick<PlatformPath, "delimiter"> = nodePath,
): NodeJS.ProcessEnv {
  const name = Object.keys(environment).find((key) => key.toUpperCase() === "PATH") ?? "PATH";
  const known = environment[name] ?? "";
  return { ...environment, [name]: known === "" ? folder : folder + delimiter + known };
}

/**
 * The longest argument of a command, in bytes.
 * https://man7.org/linux/man-pages/man2/execve.2.html;
 * https://learn.microsoft.com/windows/win32/api/processthreadsapi/nf-processthreadsapi-createprocessw: of the whole line
 */
export const maxArgumentBytes = (name: NodeJS.Platform = platform): number => (isWindows(name) ? 20_000 : 100_000);

/** A path with slashes, as messages have it on every system. */
export const withSlashes = (path: string, { sep }: Pick<PlatformPath, "sep"> = nodePath): string =>
  path.replaceAll(sep, "/");

/** How a module in a folder imports a file: relative, but from another drive. */
export function importPath(folder: string, file: string, path: PlatformPath = nodePath): string {
  const way = path.relative(folder, file);
  if (path.isAbsolute(way)) return withSlashes(way, path);
  return withSlashes(way.startsWith("..") ? way : `./${way}`, path);
}
