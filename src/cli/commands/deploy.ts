/**
 * `sluice deploy [--dry-run] [--env <environment>]`: checks what wrangler would not, brings the deployed database up to date,
 * then deploys. Exit codes: 0 done; 1 something stands in the way; 2 a wrong option.
 */
import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { placeholders } from "../init/wrangler-toml.ts";
import { projectFolder, wranglerCommand } from "../local/wrangler.ts";

interface Options {
  readonly isDry: boolean;
  readonly env: string | null;
}

function readOptions(): Options | null {
  try {
    const { values } = parseArgs({
      options: { "dry-run": { type: "boolean", default: false }, env: { type: "string" } },
    });
    return { isDry: values["dry-run"], env: values.env ?? null };
  } catch (error) {
    console.error(error instanceof Error ? error.message : String(error));
    return null;
  }
}

/** Runs a command with this terminal. */
function runVisibly(command: readonly string[]): boolean {
  return spawnSync(process.execPath, command, { cwd: projectFolder, stdio: "inherit" }).status === 0;
}

function deploy({ isDry, env }: Options): boolean {
  const toml = readFileSync(join(projectFolder, "wrangler.toml"), "utf8");
  const line = toml
    .split("\n")
    .findIndex((text) => /^\s*(?:database_)?id\s*=/.test(text) && placeholders.some((id) => text.includes(`"${id}"`)));
  if (line >= 0 && !isDry) {
    console.error(
      `wrangler.toml:${line + 1}: the id is a placeholder; run "npx wrangler d1 create <name>", or "npx wrangler hyperdrive create <name>", and write its id there`,
    );
    return false;
  }
  const environment = env === null ? [] : ["--env", env];
  const command = join(import.meta.dirname, `../sluice${import.meta.filename.endsWith(".ts") ? ".ts" : ".js"}`);
  const isUpToDate = isDry || runVisibly([command, "migrate", "--remote", ...environment]);
  return isUpToDate && runVisibly([wranglerCommand(), "deploy", ...environment, ...(isDry ? ["--dry-run"] : [])]);
}

const options = readOptions();
if (options === null) process.exitCode = 2;
else if (!deploy(options)) process.exitCode = 1;
