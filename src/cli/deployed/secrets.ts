/** The secrets of the deployed Worker, whose names can be listed and whose values nobody can read again. */
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { AbiFile } from "../../compiler/abi-file.ts";
import { runWrangler } from "../local/wrangler.ts";

/** The runtime signs links with the one, and the file API's tokens are verified with the other. */
const ownKeys = ["LINK_SECRET", "JWT_SECRET_KEY"];

/** Secrets that are random keys, and nobody else's to give. */
export function keyNames(abis: readonly AbiFile[]): ReadonlySet<string> {
  const named = abis.flatMap(({ text }) =>
    Array.from(text.matchAll(/"encryption_key"\s*:\s*"\$ENV\.(\w+)"/g), ([, name = ""]) => name),
  );
  return new Set([...ownKeys, ...named]);
}

/**
 * Those of the required ones that the Worker lacks: all of them before it is deployed for the first time.
 * @param environment wrangler's option for it
 * @throws Error with what wrangler says
 */
export async function missingSecrets(required: readonly string[], environment: readonly string[]): Promise<string[]> {
  const present = await listSecrets(environment);
  return required.filter((name) => !present.includes(name));
}

async function listSecrets(environment: readonly string[]): Promise<readonly string[]> {
  try {
    const listed = await runWrangler(["secret", "list", "--format", "json", ...environment]);
    return (JSON.parse(listed) as readonly { readonly name: string }[]).map(({ name }) => name);
  } catch (error) {
    const isNoWorkerYet =
      error instanceof Error && /Worker "/.test(error.message) && / not found\./.test(error.message);
    if (isNoWorkerYet) return [];
    throw error;
  }
}

/** Sets them in one step; a Worker that is not there yet is made, and answers nothing until it is deployed. */
export async function putSecrets(
  values: Readonly<Record<string, string>>,
  environment: readonly string[],
): Promise<void> {
  // Neither the list of processes nor another user may see them: the folder is the owner's alone.
  const folder = await mkdtemp(join(tmpdir(), "sluice-secrets-"));
  try {
    const path = join(folder, "secrets.json");
    await writeFile(path, JSON.stringify(values), { mode: 0o600 });
    await runWrangler(["secret", "bulk", path, ...environment]);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
