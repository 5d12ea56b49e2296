/**
 * Builds for a development server, in its process: the compiler stays loaded and its database open, so that a change is
 * compiled in a fraction of the time that a process of its own needs.
 */
import { mkdtempSync, rmSync } from "node:fs";
import { createServer, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { setImmediate } from "node:timers/promises";
import { setFlagsFromString } from "node:v8";
import type { OpenTarget } from "../../../compiler/sql/open-target.ts";
import { openTarget } from "../../../compiler/sql/open-target.ts";
import { buildProject, readBuildOptions } from "../../build-project.ts";
import type { Databases } from "../../compile-for.ts";
import type { ConfigurationWatch } from "../watch-configuration.ts";
import type { BuildAnswer, BuildRequest, PrintedLine } from "./ask-builder.ts";
import { compilerFiles } from "./memory.ts";

/** Keeps the last database open while the migrations stay what they are. */
function keepDatabase(): Databases & { close(): Promise<void> } {
  let kept: { readonly key: string; readonly database: OpenTarget } | null = null;
  const close = async () => {
    const last = kept;
    kept = null;
    await last?.database.close();
  };
  return {
    open(target, migrations) {
      const key = JSON.stringify([target.name, migrations]);
      if (kept?.key === key) return kept.database;
      void close().catch(() => undefined);
      kept = { key, database: openTarget(target, migrations) };
      return kept.database;
    },
    release: async () => undefined,
    close,
  };
}

async function build({ args, environment }: BuildRequest, root: string, databases: Databases): Promise<BuildAnswer> {
  const lines: PrintedLine[] = [];
  const code = await buildProject(root, readBuildOptions(args, environment), {
    out: (line) => void lines.push(["log", line]),
    error: (line) => void lines.push(["error", line]),
    databases,
    development: "sluice dev",
  });
  return { code, lines };
}

/** Whoever asks keeps the socket open until the answer. */
const hasGone = (socket: Socket): boolean => socket.readableEnded || socket.destroyed;

export interface Builder {
  /** For `askBuilder`. */
  readonly address: string;
  close(): Promise<void>;
}

/** Of a configuration that nobody changes. */
const unchanged: Pick<ConfigurationWatch, "buildAsked" | "settled" | "isNews"> = {
  buildAsked: () => undefined,
  settled: async () => undefined,
  isNews: () => true,
};

/** Listens for the builds of this project. @param root its folder */
export async function startBuilder(root: string, configuration = unchanged): Promise<Builder> {
  // The SQL parser's wasm runs for milliseconds: optimising it in the background would take a second and 500 MB.
  for (const flag of ["--no-wasm-dynamic-tiering", "--no-wasm-tier-up"]) setFlagsFromString(flag);
  const folder = mkdtempSync(join(tmpdir(), "sluice-"));
  const address =
    process.platform === "win32" ? `\\\\.\\pipe\\${folder.replaceAll(/\W/g, "-")}` : join(folder, "builder");
  const databases = keepDatabase();
  const loaded = compilerFiles().join();
  let running: Promise<unknown> = Promise.resolve();
  // What was written for somebody who has gone since. Faults are found again by the next build; what has changed is not.
  let unheard: readonly PrintedLine[] = [];
  const answer = async (socket: Socket, request: BuildRequest) => {
    // Another compiler than is loaded: whoever changes it gets the new one.
    if (compilerFiles().join() !== loaded) return socket.end();
    await configuration.settled();
    if (hasGone(socket)) return socket;
    const { code, lines } = await build(request, root, databases);
    // Whoever went meanwhile is noticed in the next turn of the loop, which begins behind the first of these.
    await setImmediate();
    await setImmediate();
    if (hasGone(socket)) {
      unheard = [...unheard, ...lines.filter(([stream]) => stream === "log")];
      return socket;
    }
    const told = [...unheard, ...lines];
    unheard = [];
    const isNews = configuration.isNews(JSON.stringify(told));
    return socket.end(JSON.stringify({ code, lines: isNews ? told : [] } satisfies BuildAnswer));
  };
  const server = createServer((socket) => {
    // The command then builds by itself, and says what is wrong.
    socket.on("error", () => socket.destroy());
    createInterface(socket).once("line", (line) => {
      configuration.buildAsked();
      running = running.then(() => answer(socket, JSON.parse(line) as BuildRequest)).catch(() => socket.destroy());
    });
  });
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(address, resolve);
  });
  return {
    address,
    async close() {
      server.close();
      await databases.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
