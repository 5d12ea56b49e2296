/**
 * Tells how many files wait for their thumbnails, and has those of files made that were stored before their endpoint had any.
 *
 *     sluice thumbnails [--missing] [--remote] [--env NAME]
 *
 * The Worker makes them: each sweep takes some of those that wait.
 */
import { parseArgs } from "node:util";
import { soundAbis } from "../../compiler/sound-abis.ts";
import { makesThumbnails } from "../../compiler/thumbnails.ts";
import { fileApiEndpoint } from "../../contract/routes.ts";
import { createThumbnailRequests } from "../../runtime/thumbnails/requests.ts";
import { projectFolder } from "../local/wrangler.ts";
import { connectDeployment, deploymentFlags } from "../open-deployment.ts";
import { readAbis, readSoundProject } from "../project.ts";
import { runCommand } from "../run-command.ts";

const readOptions = () =>
  parseArgs({ options: { ...deploymentFlags, missing: { type: "boolean", default: false } } }).values;

function endpointsWithThumbnails(environment: string | null): readonly string[] {
  const { fileApi, fileApiThumbnails } = readSoundProject(projectFolder, environment);
  const ids = soundAbis(readAbis(projectFolder)).flatMap((abi) => (makesThumbnails(abi) ? abi.id : []));
  return fileApi && fileApiThumbnails ? [...ids, fileApiEndpoint] : ids;
}

const pictures = (count: number): string => `${count} ${count === 1 ? "picture" : "pictures"}`;

async function connectAndRun({ missing, ...flags }: ReturnType<typeof readOptions>): Promise<true> {
  const { database, dialect, close } = await connectDeployment(flags);
  try {
    const requests = createThumbnailRequests(database, dialect);
    if (missing) {
      const endpoints = endpointsWithThumbnails(flags.env ?? process.env["CLOUDFLARE_ENV"] ?? null);
      const requested = await requests.request(endpoints);
      console.log(`  ${pictures(requested)} without thumbnails, of ${endpoints.join(", ") || "no endpoint"}`);
    }
    console.log(`  ${pictures(await requests.count())} waiting for thumbnails: the Worker's sweeps make them`);
    return true;
  } finally {
    await close();
  }
}

await runCommand(readOptions, connectAndRun, "Usage: sluice thumbnails [--missing]   [--remote] [--env NAME]");
