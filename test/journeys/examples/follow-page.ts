/** Does what a page tells its reader to do, and holds what comes back against what it shows. */
import { mkdir, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { difference } from "./likeness.ts";
import { stepsOf, type Step } from "./page.ts";
import { openShell, type Shell } from "./shell.ts";
import { until, type Variables } from "../package/commands.ts";

export interface Place {
  readonly folder: string;
  readonly variables?: Variables;
  /** Where the server of this run listens, in place of the page's. */
  readonly origin: string;
  /** Called for `npx sluice dev`, which does not end: resolves once it answers. */
  readonly startServer: () => Promise<unknown>;
  /** What the page leaves to its reader, as `<name>`. */
  readonly words?: Readonly<Record<string, string>>;
}

const SHOWN_ORIGIN = "http://localhost:8787";
const SERVER = "npx sluice dev";
/** Behind a change of a file, answers may be of what was served before it, or of a server that is ending. */
const RELOADING_MS = 30_000;

/** @param page from the repository's root. @returns how many commands and answers there were. @throws Error with the page's line */
export async function followPage(page: string, place: Place): Promise<number> {
  const shell = openShell(place.folder, place.variables ?? {});
  const reader: Reader = { shell, place, answers: [], output: "", typed: "", writtenAt: -Infinity };
  const steps = stepsOf(page);
  try {
    for (const step of steps) {
      await follow(step, reader).catch((error: unknown) => {
        throw new Error(`Line ${step.line}: ${error instanceof Error ? error.message : String(error)}`, {
          cause: error,
        });
      });
    }
  } finally {
    shell.close();
  }
  return steps.length;
}

interface Reader {
  readonly shell: Shell;
  readonly place: Place;
  /** The newest first. */
  readonly answers: unknown[];
  output: string;
  typed: string;
  /** When a file was written: the server takes a moment to serve it, and may start again more than once. */
  writtenAt: number;
}

async function follow(step: Step, reader: Reader): Promise<void> {
  if (step.kind === "see") return see(step.text.trim(), reader);
  if (step.kind === "run") return type(step.text, reader);
  reader.writtenAt = performance.now();
  const file = join(await reader.shell.run("pwd"), step.path);
  await mkdir(dirname(file), { recursive: true });
  await writeFile(file, step.text);
}

async function see(shown: string, reader: Reader): Promise<void> {
  const differs = compare(shown, reader);
  if (differs === null) return;
  if (performance.now() - reader.writtenAt > RELOADING_MS) throw new Error(`${differs}\n${reader.output}`);
  await until(async () => {
    await type(reader.typed, reader);
    return compare(shown, reader) === null;
  }, `${reader.typed} answers with\n${shown}`);
}

function compare(shown: string, { output, place }: Reader): string | null {
  const found = output.replaceAll(place.origin, SHOWN_ORIGIN);
  const isJson = shown.startsWith("{") && found.startsWith("{");
  return isJson ? difference(JSON.parse(shown), JSON.parse(found)) : difference(shown, found);
}

async function type(commands: string, reader: Reader): Promise<void> {
  const { place, shell, answers } = reader;
  if (commands.trim() === SERVER) return void (await place.startServer());
  const filled = commands
    .replaceAll(SHOWN_ORIGIN, place.origin)
    .replaceAll(/<([a-z_]+)>/g, (_, name: string) => place.words?.[name] ?? lastOf(name, answers));
  reader.typed = commands;
  reader.output = await shell.run(filled);
  if (reader.output.startsWith("{")) answers.unshift(JSON.parse(reader.output));
}

/** What the newest answer that has a member of this name says there. */
function lastOf(name: string, answers: readonly unknown[]): string {
  for (const answer of answers) {
    const value = memberOf(answer, name);
    if (value !== null) return value;
  }
  throw new Error(`No answer so far has "${name}"`);
}

function memberOf(value: unknown, name: string): string | null {
  if (typeof value !== "object" || value === null) return null;
  for (const [key, inside] of Object.entries(value)) {
    if (key === name && typeof inside === "string") return inside;
    const deeper = memberOf(inside, name);
    if (deeper !== null) return deeper;
  }
  return null;
}
