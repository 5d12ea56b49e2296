/** A PostgreSQL server in a temporary folder on a free port, which ends with the process that started it. */
import { execFile, spawn, type ChildProcess } from "node:child_process";
import { rmSync } from "node:fs";
import { chown, mkdtemp, readFile, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { anyFreePort } from "./free-port.ts";
import { findBinaries, MISSING } from "./find-binaries.ts";

export interface Cluster {
  /** Of the superuser, with password. */
  readonly url: string;
  readonly port: number;
  /** SIGKILL to the server: nothing is flushed, nobody is told. Resolves when it is gone. */
  kill(): Promise<void>;
  /** Starts the server again after `kill`, on the same port and files. */
  start(): Promise<void>;
  /** Ends the server and removes its files. */
  stop(): Promise<void>;
}

const USER = "sluice";
const PASSWORD = "throw-away";

const settings = {
  listen_addresses: "127.0.0.1",
  // A socket in the folder would make its path longer than the system allows on some machines.
  unix_socket_directories: "",
  max_connections: "1000",
  // The operating system does not crash in tests: what it has been given survives the server's death.
  fsync: "off",
  full_page_writes: "off",
  // "Ready to accept connections" is of the level log.
  log_min_messages: "log",
  log_min_error_statement: "panic",
};

/** The account that the server runs as: it refuses to be root. */
interface Account {
  readonly uid: number;
  readonly gid: number;
}

/** @throws Error when the server programs are missing or do not start, with what they said */
export async function startCluster(): Promise<Cluster> {
  const binaries = await findBinaries();
  if (binaries === null) throw new Error(MISSING);
  const account = await chooseAccount();
  const folder = await mkdtemp(join(tmpdir(), "sluice-postgres-"));
  const removeFolder = () => rmSync(folder, { recursive: true, force: true, maxRetries: 5, retryDelay: 100 });
  const port = await anyFreePort();
  let server: ChildProcess | null = null;

  const passwordFile = join(folder, "password");
  await writeFile(passwordFile, PASSWORD);
  if (account !== null) await Promise.all([folder, passwordFile].map((path) => chown(path, account.uid, account.gid)));
  const files = join(folder, "data");
  const start = async () => {
    server = await startServer(join(binaries, "postgres"), ["-D", files, "-p", String(port)], account);
  };
  const end = async (signal: NodeJS.Signals) => {
    const ending = server;
    server = null;
    if (ending === null || ending.exitCode !== null || ending.signalCode !== null) return;
    const ended = new Promise((resolve) => ending.once("exit", resolve));
    ending.kill(signal);
    await ended;
  };
  const onExit = () => {
    server?.kill("SIGKILL");
    removeFolder();
  };
  process.once("exit", onExit);

  try {
    // SCRAM would cost each connection some milliseconds of computing.
    const access = ["-U", USER, "--pwfile", passwordFile, "-A", "password"];
    const options = ["-E", "UTF8", "--locale=C", "--no-sync", "--no-instructions"];
    await promisify(execFile)(join(binaries, "initdb"), ["-D", files, ...access, ...options], { ...account });
    await start();
  } catch (error) {
    process.off("exit", onExit);
    onExit();
    throw error;
  }
  return {
    url: `postgresql://${USER}:${PASSWORD}@127.0.0.1:${port}/postgres`,
    port,
    kill: () => end("SIGKILL"),
    start,
    async stop() {
      process.off("exit", onExit);
      await end("SIGINT");
      removeFolder();
    },
  };
}

/** Null: the process' own. Root takes Debian's account for PostgreSQL, else the one that owns nothing. */
async function chooseAccount(): Promise<Account | null> {
  if (process.getuid?.() !== 0) return null;
  const lines = (await readFile("/etc/passwd", "utf8")).split("\n").map((line) => line.split(":"));
  const line = lines.find(([name]) => name === "postgres") ?? lines.find(([name]) => name === "nobody");
  if (line === undefined) throw new Error("PostgreSQL does not run as root, and there is no account nobody");
  return { uid: Number(line[2]), gid: Number(line[3]) };
}

/** After a kill the old server's last processes may still hold its memory: then the new one is tried again. */
const START_ATTEMPTS = 50;
const RETRY_MILLISECONDS = 100;

async function startServer(program: string, parameters: string[], account: Account | null): Promise<ChildProcess> {
  const assignments = Object.entries(settings).flatMap(([name, value]) => ["-c", `${name}=${value}`]);
  let said = "";
  for (let attempt = 0; attempt < START_ATTEMPTS; attempt += 1) {
    const server = spawn(program, [...parameters, ...assignments], {
      ...account,
      cwd: "/",
      stdio: ["ignore", "ignore", "pipe"],
    });
    said = "";
    const isReady = await new Promise<boolean>((resolve) => {
      server.stderr.setEncoding("utf8").on("data", (text: string) => {
        said += text;
        if (said.includes("ready to accept connections")) resolve(true);
      });
      server.once("error", () => resolve(false));
      server.once("exit", () => resolve(false));
    });
    if (isReady) {
      // Nobody reads on, but a full pipe would stop the server.
      server.stderr.removeAllListeners("data").resume();
      return server;
    }
    await new Promise((resolve) => setTimeout(resolve, RETRY_MILLISECONDS));
  }
  throw new Error(`PostgreSQL does not start:\n${said}`);
}
