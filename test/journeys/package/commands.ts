/** Runs commands as somebody does at a terminal, and says which parts of a journey went well. */
import { AsyncLocalStorage } from "node:async_hooks";
import { execFile } from "node:child_process";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { promisify } from "node:util";

export const root = new URL("../../../", import.meta.url).pathname;

/** With the Node of this repository, for the commands that a project runs. */
export const environment = {
  ...process.env,
  PATH: `${join(root, "node_modules/.bin")}:${process.env["PATH"] ?? ""}`,
  NO_COLOR: "1",
  WRANGLER_SEND_METRICS: "false",
  CLOUDFLARE_CF_FETCH_ENABLED: "false",
  WRANGLER_HIDE_BANNER: "true",
};

export type Variables = Readonly<Record<string, string>>;

/** Resolves with all that was said. @throws Error with it, where the exit code is not 0 */
export async function run(
  folder: string,
  command: string,
  parameters: readonly string[],
  variables: Variables = {},
): Promise<string> {
  const options = { cwd: folder, env: { ...environment, ...variables }, maxBuffer: 1 << 26 };
  try {
    const { stdout, stderr } = await promisify(execFile)(command, [...parameters], options);
    return stdout + stderr;
  } catch (error) {
    const { stdout = "", stderr = "" } = error as { readonly stdout?: string; readonly stderr?: string };
    throw new Error(`${command} ${parameters.join(" ")}\n${stdout}${stderr}`, { cause: error });
  }
}

export const npm = (folder: string, ...parameters: readonly string[]): Promise<string> =>
  run(folder, "npm", [...parameters, "--no-audit", "--no-fund", "--prefer-offline"]);

/** What is said by a command that must fail. */
export async function refusal(command: Promise<string>): Promise<string> {
  const said = await command.then(
    (text) => ({ text, failed: false }),
    (error: unknown) => ({ text: String(error), failed: true }),
  );
  if (!said.failed) throw new Error(`This should have been refused:\n${said.text}`);
  return said.text;
}

const currentPart = new AsyncLocalStorage<string>();

/** Parts may run side by side: each line says whose it is. */
export const part = <Result>(title: string, work: () => Promise<Result>): Promise<Result> =>
  currentPart.run(title, async () => {
    const began = performance.now();
    const result = await work();
    console.log(`${title}: ${((performance.now() - began) / 1000).toFixed(1)} s`);
    return result;
  });

/** Waits for all of them, so that none goes on behind a failure. @throws what the first one threw */
export async function sideBySide<Result>(parts: readonly Promise<Result>[]): Promise<readonly Result[]> {
  await Promise.allSettled(parts);
  return Promise.all(parts);
}

/** @throws Error with what was found instead */
export function check(isTrue: boolean, what: string, found: unknown = ""): void {
  const line = `${currentPart.getStore() ?? ""}: ${what}`;
  if (!isTrue) throw new Error(`Not so: ${line}\n${typeof found === "string" ? found : JSON.stringify(found)}`);
  console.log(`  ✓ ${line}`);
}

/** For machines that have other things to do. */
const PATIENCE_SECONDS = 180;

export async function until(holds: () => Promise<boolean>, what: string): Promise<void> {
  const end = performance.now() + PATIENCE_SECONDS * 1000;
  while (!(await holds())) {
    if (performance.now() > end) throw new Error(`Not within ${PATIENCE_SECONDS} s: ${what}`);
    await sleep(200);
  }
}
