/**
 * Compares what quotas count with the rows of files, and sets the counts: for files that were stored before their quota was
 * declared.
 *
 *     sluice recount [--check] [--remote] [--env NAME]
 *
 * With `--check` it only says what it would do, and fails where there is something.
 */
import { parseArgs } from "node:util";
import { declaredQuotas } from "../../compiler/quotas.ts";
import type { DeclaredQuota } from "../../contract/plan/files.ts";
import { fileApiEndpoint } from "../../contract/routes.ts";
import { createRecount, type Drift, type Recount } from "../../runtime/quotas/recount.ts";
import { projectFolder } from "../local/wrangler.ts";
import { chosenDatabase } from "../migrations/deployed-database.ts";
import { connectDeployment, deploymentFlags } from "../open-deployment.ts";
import { readAbis, readSoundProject } from "../project.ts";
import { runCommand } from "../run-command.ts";

const readOptions = () =>
  parseArgs({ options: { ...deploymentFlags, check: { type: "boolean", default: false } } }).values;

const files = (count: number): string => `${count} ${count === 1 ? "file" : "files"}`;
const amount = (held: Drift["found"]): string => `${held.bytes} bytes in ${files(held.files)}`;

/** That of the file API's own uploads, where there is one. */
function fileApiQuota(environment: string | null): readonly DeclaredQuota[] {
  const { fileApi, fileApiQuota: isSet } = readSoundProject(projectFolder, environment);
  return fileApi && isSet ? [{ endpoint: fileApiEndpoint, name: fileApiEndpoint, isPerOwner: true }] : [];
}

/** The quotas some of whose files do not count yet. */
async function showUncounted(recount: Recount, environment: string | null): Promise<readonly DeclaredQuota[]> {
  const found: DeclaredQuota[] = [];
  const { quotas, unknown } = declaredQuotas(readAbis(projectFolder));
  for (const quota of [...quotas, ...fileApiQuota(environment)]) {
    const count = await recount.findUncounted(quota);
    if (count === 0) continue;
    found.push(quota);
    const verb = count === 1 ? "does" : "do";
    console.log(`  ${quota.endpoint}: ${files(count)} ${verb} not count for the quota ${quota.name} yet`);
  }
  for (const { endpoint, per } of unknown) {
    console.log(`  ${endpoint}: nobody knows the ${per} of files that were stored before the quota: they do not count`);
  }
  return found;
}

async function showDrift(recount: Recount): Promise<number> {
  const drifts = await recount.findDrift();
  for (const { name, counted, found } of drifts) {
    console.log(`  ${name}: counts ${amount(counted)}, and there are ${amount(found)}`);
  }
  return drifts.length;
}

async function connectAndRun({ check, ...flags }: ReturnType<typeof readOptions>): Promise<boolean> {
  const { database, dialect, close } = await connectDeployment(flags);
  try {
    const environment = flags.env ?? process.env["CLOUDFLARE_ENV"] ?? null;
    const isD1 = chosenDatabase(environment) === "d1";
    const recount = createRecount(database, dialect, !isD1);
    const uncounted = await showUncounted(recount, environment);
    if (!check) for (const quota of uncounted) await recount.adopt(quota);
    const drifts = await showDrift(recount);
    if (drifts + uncounted.length === 0) {
      console.log("  Every count is what the rows of files say.");
      return true;
    }
    if (check) {
      console.log("  Nothing was changed: sluice recount sets the counts");
      return false;
    }
    await recount.settle();
    console.log(`  Counts set: ${drifts}`);
    return true;
  } finally {
    await close();
  }
}

await runCommand(readOptions, connectAndRun, "Usage: sluice recount [--check]   [--remote] [--env NAME]");
