/** `sluice dev` as a process, on a copy of this repository's project that a test may change. */
import { execFile, spawn, type ChildProcess } from "node:child_process";
import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { expect, vi } from "vitest";
import { anyFreePort } from "../../../src/compiler/sql/postgres/free-port.ts";
import { projectFolder, waitForExit } from "../../../src/cli/local/wrangler.ts";

const copied = "src abis migrations public wrangler.toml package.json tsconfig.json tsconfig.base.json".split(" ");

/** Under load, also of other tests. */
export const soon = { timeout: 120_000, interval: 200 };

export interface DevProject {
  readonly folder: string;
  /** Of the server that `start` starts. */
  readonly origin: string;
  readonly port: number;
  /** What the server has printed since it was last forgotten. */
  readonly output: string;
  forget(): void;
  /** Starts the server, and resolves when it answers. */
  start(): Promise<void>;
  /** Runs another command to its end. */
  run(...parameters: readonly string[]): Promise<Ended>;
  write(path: string, text: string): void;
  change(path: string, from: string, to: string): void;
  printed(text: string): Promise<void>;
  close(): Promise<void>;
}

export interface Ended {
  readonly code: number;
  /** Both streams. */
  readonly output: string;
}

/** @param more environment of the commands */
export async function copyProject(more: Readonly<Record<string, string>> = {}): Promise<DevProject> {
  const folder = mkdtempSync(join(tmpdir(), "sluice-dev-"));
  for (const path of copied) cpSync(join(projectFolder, path), join(folder, path), { recursive: true });
  symlinkSync(join(projectFolder, "node_modules"), join(folder, "node_modules"));
  const port = await anyFreePort();
  const environment = { cwd: folder, env: { ...process.env, ...more, NO_COLOR: "1" } };
  const script = join(folder, "src/cli/sluice.ts");
  let server: ChildProcess | null = null;
  let output = "";
  const printed = (text: string) => vi.waitFor(() => expect(output).toContain(text), soon);
  const write = (path: string, text: string) => writeFileSync(join(folder, path), text);
  return {
    folder,
    port,
    origin: `http://localhost:${String(port)}`,
    get output() {
      return output;
    },
    forget() {
      output = "";
    },
    async start() {
      server = spawn(process.execPath, [script, "dev", "--port", String(port)], environment);
      for (const stream of [server.stdout, server.stderr]) {
        stream?.setEncoding("utf8").on("data", (text: string) => void (output += text));
      }
      await printed("reloads on change");
    },
    run: (...parameters) =>
      new Promise((resolve) => {
        const options = { ...environment, timeout: soon.timeout };
        execFile(process.execPath, [script, ...parameters], options, (error, stdout, stderr) =>
          resolve({ code: error === null ? 0 : Number(error.code), output: stdout + stderr }),
        );
      }),
    write,
    change(path, from, to) {
      const text = readFileSync(join(folder, path), "utf8");
      if (!text.includes(from)) throw new Error(`${path} has no ${from}`);
      write(path, text.replace(from, to));
    },
    printed,
    async close() {
      if (server !== null && server.exitCode === null) {
        const ended = waitForExit(server);
        server.kill("SIGINT");
        const isEnded = await Promise.race([ended.then(() => true), sleep(30_000, false, { ref: false })]);
        server.kill("SIGKILL");
        if (!isEnded) throw new Error(`The server did not end:\n${output}`);
      }
      rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
    },
  };
}
