/** Runs wrangler without its questions, its banners and its connections to the outside. */
import { spawn, type ChildProcess } from "node:child_process";
import { createRequire } from "node:module";
import { join } from "node:path";
import { stripVTControlCharacters } from "node:util";
import { endTree, ownTree, withProgramsOf } from "../platform.ts";

/** Where the command was called. */
export const projectFolder = process.cwd();

/** The project's own wrangler. @throws Error that says how to get it */
export function wranglerCommand(): string {
  const { resolve } = createRequire(join(projectFolder, "package.json"));
  try {
    return join(resolve("wrangler/package.json"), "../bin/wrangler.js");
  } catch {
    throw new Error("wrangler is not installed here: npm install --save-dev wrangler");
  }
}

const quiet = {
  WRANGLER_SEND_METRICS: "false",
  CLOUDFLARE_CF_FETCH_ENABLED: "false",
  WRANGLER_HIDE_BANNER: "true",
  // What is asked for with --json is written to its log.
  WRANGLER_LOG: "log",
  CI: "true",
  NO_COLOR: "1",
};

/** @param more environment of its own, besides this process'. Starts wrangler so that a Ctrl-C in the terminal reaches only the caller, who ends it and its children by `stopTree`. */
export function spawnWrangler(
  parameters: readonly string[],
  more: Readonly<Record<string, string>> = {},
): ChildProcess {
  // NODE_* of a parent test run would change how wrangler's own Node behaves.
  const { FORCE_COLOR: _, NODE_OPTIONS: __, ...environment } = process.env;
  return spawn(process.execPath, [wranglerCommand(), ...parameters], {
    cwd: projectFolder,
    ...ownTree(),
    env: withProgramsOf(join(projectFolder, "node_modules/.bin"), { ...environment, ...quiet, ...more }),
    stdio: ["ignore", "pipe", "pipe"],
  });
}

/** Resolves with the exit code once the process and its output have ended. */
export function waitForExit(child: ChildProcess): Promise<number | null> {
  return new Promise((resolve, reject) => {
    child.once("error", reject);
    child.once("close", resolve);
  });
}

/** Runs one command to its end and resolves with what it wrote. @throws Error with all of it when the exit code is not 0 */
export async function runWrangler(parameters: readonly string[]): Promise<string> {
  const child = spawnWrangler(parameters);
  let written = "";
  let output = "";
  child.stdout?.setEncoding("utf8").on("data", (text: string) => {
    written += text;
    output += text;
  });
  child.stderr?.setEncoding("utf8").on("data", (text: string) => {
    output += text;
  });
  const end = () => stopTree(child, 0);
  process.once("exit", end);
  const code = await waitForExit(child);
  process.off("exit", end);
  if (code === 0) return written;
  throw new Error(`wrangler ${parameters.join(" ")} failed\n\n${stripVTControlCharacters(output).trim()}`);
}

/** Asks it and its children to end, and ends them after the given time. Harmless when they have ended. */
export function stopTree(child: ChildProcess, patienceMs: number): void {
  const { pid } = child;
  if (pid === undefined) return;
  endTree(pid, patienceMs === 0 ? "SIGKILL" : "SIGINT");
  if (patienceMs === 0) return;
  const timer = setTimeout(() => endTree(pid, "SIGKILL"), patienceMs);
  child.once("close", () => clearTimeout(timer));
}
