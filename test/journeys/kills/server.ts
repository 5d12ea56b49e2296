/** The worker in a process group of its own, to be killed at any moment and started again on the same storage. */
import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { anyFreePort } from "../../../src/compiler/sql/postgres/free-port.ts";
import { toStatements } from "../../support/d1-migrations.ts";
import { bundleInto, type Bundled } from "./bundle.ts";
import { OPTIONS_FILE, type Served } from "./served.ts";

export interface KillableServer {
  /** Scheme, host and port; null while it is down. */
  origin(): string | null;
  /** Ends it without a warning, and resolves when it is up again. */
  kill(): Promise<void>;
  stop(): Promise<void>;
}

/** A worker.js, the ABIs that it serves, their tables, and what else it is bound to. */
export interface Worker extends Bundled, Omit<Served, "bundle" | "statements"> {}

const host = fileURLToPath(new URL("host.ts", import.meta.url));
const output = process.env["DEBUG"] === "1" ? "inherit" : "ignore";

/** @param folder for the worker and what it stores */
export async function startServer(
  folder: string,
  { entry, abis, migrations, ...more }: Worker,
): Promise<KillableServer> {
  const bundle = await bundleInto(folder, { entry, abis, migrations });
  const statements = migrations.flatMap(({ sql }) => toStatements(sql));
  await writeFile(join(folder, OPTIONS_FILE), JSON.stringify({ bundle, statements, ...more } satisfies Served));
  let child: ChildProcess | null = null;
  let origin: string | null = null;

  const start = async () => {
    const port = await anyFreePort();
    const started = spawn(process.execPath, [host, folder, String(port)], {
      detached: true,
      // What the Worker logs of injected faults is of no interest; DEBUG=1 shows it.
      stdio: ["ignore", output, output, "ipc"],
    });
    child = started;
    const [message] = (await Promise.race([once(started, "message"), once(started, "exit")])) as unknown[];
    if (message !== "listening") throw new Error("The server did not start: DEBUG=1 shows why");
    started.disconnect();
    origin = `http://127.0.0.1:${String(port)}`;
  };
  const end = async () => {
    origin = null;
    const running = child;
    child = null;
    if (running?.pid === undefined || running.exitCode !== null) return;
    const ended = once(running, "exit");
    process.kill(-running.pid, "SIGKILL");
    await ended;
  };
  process.once("exit", () => {
    if (child?.pid !== undefined && child.exitCode === null) process.kill(-child.pid, "SIGKILL");
  });
  await start();
  return {
    origin: () => origin,
    async kill() {
      await end();
      await start();
    },
    stop: end,
  };
}
