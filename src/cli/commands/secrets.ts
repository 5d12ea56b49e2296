/**
 * `sluice secrets [--env <environment>]`: makes up the keys that the deployed Worker lacks, sets them there, and prints them once.
 * Exit codes: 0 nothing is missing any more; 1 something is, or stands in the way; 2 a wrong option.
 */
import { parseArgs } from "node:util";
import { keyNames, missingSecrets, putSecrets } from "../deployed/secrets.ts";
import { randomSecret } from "../local/secrets.ts";
import { projectFolder } from "../local/wrangler.ts";
import { readAbis, readSoundProject } from "../project.ts";
import { runCommand } from "../run-command.ts";

const readEnvironment = (): string | null => parseArgs({ options: { env: { type: "string" } } }).values.env ?? null;

/** The values go to the output, what is said about them beside it: the one can be redirected to where it is kept. */
async function completeSecrets(env: string | null): Promise<boolean> {
  const environment = env === null ? [] : ["--env", env];
  const { secrets } = readSoundProject(projectFolder, env ?? process.env["CLOUDFLARE_ENV"] ?? "");
  const missing = await missingSecrets(secrets, environment);
  const keys = keyNames(readAbis(projectFolder));
  const made = Object.fromEntries(missing.filter((name) => keys.has(name)).map((name) => [name, randomSecret()]));
  const names = Object.keys(made);
  if (names.length > 0) {
    await putSecrets(made, environment);
    console.log(names.map((name) => `${name}=${made[name] ?? ""}`).join("\n"));
    console.error(`\n${names.join(" and ")}: set on the deployed Worker. Keep them: nobody can read them there again.`);
  }
  const given = missing.filter((name) => !keys.has(name));
  for (const name of given) console.error(`${name} is not a key that can be made up: npx wrangler secret put ${name}`);
  if (missing.length === 0) console.error("Nothing is missing");
  return given.length === 0;
}

await runCommand(readEnvironment, completeSecrets);
