/** The servers of a journey: started on a port, asked for their health, ended with it. */
import { spawn, type ChildProcess } from "node:child_process";
import { environment, until, type Variables } from "./commands.ts";

export interface Server {
  readonly origin: string;
  stop(): Promise<void>;
}

interface ServerOptions {
  readonly folder: string;
  /** What Node runs. */
  readonly command: readonly string[];
  readonly port: number;
  readonly variables?: Variables;
  readonly healthPath?: string;
}

const running = new Set<ChildProcess>();
const logs: string[] = [];

/** What the servers have said so far, for whoever looks for a fault. */
export const allLogs = (): string => logs.join("");

export async function startServer(options: ServerOptions): Promise<Server> {
  const child = start(options);
  const origin = `http://localhost:${options.port}`;
  await until(async () => {
    if (child.exitCode !== null) throw new Error(`The server ended: ${options.command.join(" ")}`);
    return (await fetch(origin + (options.healthPath ?? "/healthz")).catch(() => null))?.ok === true;
  }, "the server answers");
  return { origin, stop: () => stop(child) };
}

/** Ends a server once it has said something, which is why it cannot be of use. */
export async function startRefused(options: ServerOptions, reason: string): Promise<void> {
  const before = logs.length;
  const child = start(options);
  await until(() => Promise.resolve(logs.slice(before).join("").includes(reason)), reason);
  await stop(child);
}

function start({ folder, command, port, variables }: ServerOptions): ChildProcess {
  const child = spawn(process.execPath, [...command, "--port", String(port)], {
    cwd: folder,
    env: { ...environment, ...variables },
  });
  running.add(child);
  for (const stream of [child.stdout, child.stderr]) {
    stream?.setEncoding("utf8").on("data", (text: string) => void logs.push(text));
  }
  return child;
}

async function stop(child: ChildProcess): Promise<void> {
  running.delete(child);
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = new Promise((resolve) => child.once("close", resolve));
  child.kill("SIGINT");
  await ended;
}

export const stopServers = (): Promise<unknown> => Promise.all([...running].map(stop));
