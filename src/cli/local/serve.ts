/** The common part of `npm start` and `sluice dev`: secrets, migrations, and a server that runs until Ctrl-C. */
import manifest from "../../../package.json" with { type: "json" };
import { createLogPrinter } from "../terminal/show-log.ts";
import { createStyle, type Style } from "../terminal/style.ts";
import { nextFreePort } from "../../compiler/sql/postgres/free-port.ts";
import { chosenDatabase } from "../migrations/deployed-database.ts";
import { startBuilder, type Builder } from "./build/builder.ts";
import { openDevelopmentDatabase, type DevelopmentDatabase } from "./development-database.ts";
import { readSoundProject } from "../project.ts";
import type { LogLine } from "./log-lines.ts";
import { startMinuteTrigger } from "./minute-trigger.ts";
import { readPort } from "./read-port.ts";
import { completeSecrets, type Secrets } from "./secrets.ts";
import { projectFolder } from "./wrangler.ts";
import { watchConfiguration, type ConfigurationWatch } from "./watch-configuration.ts";
import { watchMigrations } from "./watch-migrations.ts";
import { migrate, startRuntime, type Runtime } from "./start-runtime.ts";

export interface ServeOptions {
  readonly patienceMs: number;
  /** Called once the server answers; its text is printed before the log goes on. */
  readonly introduce: (origin: string, secrets: Secrets, style: Style) => Promise<string>;
}

/** As wrangler's own. */
const DEFAULT_PORT = 8787;

/** Tells if wrangler can be started again, and what forbids it. */
function isSound(emit: (line: LogLine) => void): boolean {
  try {
    readSoundProject(projectFolder, process.env["CLOUDFLARE_ENV"] ?? null);
    return true;
  } catch (error) {
    emit({ kind: "fault", text: error instanceof Error ? error.message : String(error), trace: [] });
    return false;
  }
}

/**
 * Takes `--port` from the command line, else the next free one. Resolves when the server has ended; the process' exit
 * code says whether that was wanted.
 */
export async function serve(options: ServeOptions): Promise<void> {
  const style = createStyle(process.stdout);
  let stopping: Promise<void> | null = null;
  let runtime: Runtime | null = null;
  let stopWatching = (): void => undefined;
  let database: DevelopmentDatabase | null = null;
  let builder: Builder | null = null;
  let configuration: ConfigurationWatch | null = null;
  // Before the server answers there is nothing to close: the group ends with this process.
  const stop = () => {
    if (runtime === null) process.exit(0);
    stopping ??= runtime.stop();
  };
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.on(signal, stop);

  console.log(`\n  ${style.bold("Sluice")} ${style.dim(manifest.version)}\n`);
  try {
    const port = (await readPort()) ?? (await nextFreePort(DEFAULT_PORT));
    const secrets = await completeSecrets();
    await migrate(null);
    const printLine = createLogPrinter(style, (text) => console.log(text));
    stopWatching = watchMigrations(printLine);
    database = await openDevelopmentDatabase(chosenDatabase(process.env["CLOUDFLARE_ENV"] ?? null), secrets);
    const { place, variables, environment } = database;
    if (place !== null) console.log(`  ${style.dim(place)}\n`);
    let isRestarting = false;
    const restart = () => {
      if (runtime === null || isRestarting || !isSound(printLine)) return;
      isRestarting = true;
      void runtime.stop();
    };
    configuration = watchConfiguration(projectFolder, printLine, restart);
    builder = await startBuilder(projectFolder, configuration);
    const runtimeOptions = {
      port,
      builder: builder.address,
      storageFolder: null,
      secretsPath: null,
      variables,
      environment,
      patienceMs: options.patienceMs,
      onLine: (line: LogLine) => configuration?.hear(line),
    };
    runtime = await startRuntime(runtimeOptions);
    startMinuteTrigger(runtime.origin);
    console.log(await options.introduce(runtime.origin, secrets, style));
    let code = await runtime.ended;
    const isToGoOn = () => isRestarting && stopping === null;
    while (isToGoOn()) {
      runtime = null;
      isRestarting = false;
      runtime = await startRuntime(runtimeOptions);
      code = await runtime.ended;
    }
    if (stopping === null) throw new Error(`The server ended by itself with exit code ${code ?? "none"}`);
  } catch (error) {
    console.error(`\n  ${style.bad(error instanceof Error ? error.message : String(error))}\n`);
    process.exitCode = 1;
  } finally {
    stopWatching();
    configuration?.close();
    await database?.close();
    await builder?.close();
  }
}
