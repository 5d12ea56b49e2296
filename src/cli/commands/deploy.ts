/**
 * `sluice deploy [--dry-run] [--env <environment>]`: makes sure of the deployed database, brings it up to date, then deploys
 * with wrangler, which makes bucket and queues where they are missing. Exit codes: 0 done; 1 something stands in the way; 2 a
 * wrong option.
 */
import { spawnSync } from "node:child_process";
import { parseArgs } from "node:util";
import { prepareDatabase } from "../deployed/database.ts";
import { missingSecrets } from "../deployed/secrets.ts";
import { projectFolder, wranglerCommand } from "../local/wrangler.ts";
import { packageFile } from "../package-file.ts";
import { readSoundProject } from "../project.ts";
import { runCommand } from "../run-command.ts";

interface Options {
  readonly isDry: boolean;
  readonly env: string | null;
}

function readOptions(): Options {
  const { values } = parseArgs({
    options: { "dry-run": { type: "boolean", default: false }, env: { type: "string" } },
  });
  return { isDry: values["dry-run"], env: values.env ?? null };
}

/** Runs a command with this terminal. */
function runVisibly(command: readonly string[]): boolean {
  return spawnSync(process.execPath, command, { cwd: projectFolder, stdio: "inherit" }).status === 0;
}

/** @throws Error that says what stands in the way */
async function deploy({ isDry, env }: Options): Promise<boolean> {
  const environment = env === null ? [] : ["--env", env];
  const deployment = [wranglerCommand(), "deploy", ...environment];
  if (isDry) return runVisibly([...deployment, "--dry-run"]);
  const { file, bound, secrets } = readSoundProject(projectFolder, env ?? process.env["CLOUDFLARE_ENV"] ?? "");
  if (bound !== null) await prepareDatabase(file, bound, (line) => console.log(line));
  if (!runVisibly([packageFile("cli/sluice"), "migrate", "--remote", ...environment])) return false;
  const isDone = runVisibly(deployment);
  const missing = await missingSecrets(secrets, environment).catch(() => []);
  if (missing.length > 0) console.error(adviceOf(missing, environment));
  return isDone && missing.length === 0;
}

/** Wrangler itself advises a file, which would be one more place with secrets in it. */
function adviceOf(missing: readonly string[], environment: readonly string[]): string {
  const option = environment.map((word) => ` ${word}`).join("");
  return [
    `\nThe deployed Worker lacks secrets: ${missing.join(", ")}`,
    `  npx wrangler secret put <name>${option}   sets one that somebody gave you: do these first`,
    `  npx sluice secrets${option}   makes up the keys that are still missing, and sets them`,
    "Then deploy again.",
  ].join("\n");
}

await runCommand(readOptions, deploy);
