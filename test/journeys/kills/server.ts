/** The worker in a process group of its own, to be killed at any moment and started again on the same storage. */
import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { anyFreePort } from "../../../src/compiler/sql/postgres/free-port.ts";

export interface KillableServer {
  /** Scheme, host and port; null while it is down. */
  origin(): string | null;
  /** Ends it without a warning, and resolves when it is up again. */
  kill(): Promise<void>;
  stop(): Promise<void>;
}

const output = process.env["DEBUG"] === "1" ? "inherit" : "ignore";

/** @param host the script that serves the bundle, and `more` that it is given besides bundle, folder and port */
export async function startServer(
  bundle: string,
  folder: string,
  { host, more = [] }: { readonly host: URL; readonly more?: readonly string[] },
): Promise<KillableServer> {
  let child: ChildProcess | null = null;
  let origin: string | null = null;

  const start = async () => {
    const port = await anyFreePort();
    const started = spawn(process.execPath, [fileURLToPath(host), bundle, folder, String(port), ...more], {
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
    if (child?.pid === undefined || child.exitCode !== null) return;
    const ended = once(child, "exit");
    process.kill(-child.pid, "SIGKILL");
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
