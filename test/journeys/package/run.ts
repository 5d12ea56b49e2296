/**
 * The package as a stranger gets it: packed, installed into empty folders, projects made with it on D1 and on PostgreSQL,
 * uploads answered, a Worker that mounts it, a deployment tried dry, and the step to the next version.
 *
 *     npm run suite package
 */
import { mkdtemp } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { startLocalEndpoint } from "../../../src/cli/local/neon/local-endpoint.ts";
import { part, sideBySide } from "./commands.ts";
import { checkFolderIsKept, checkLinkIsKept, makeFirstProject } from "./first-project.ts";
import { checkFootprint } from "./footprint.ts";
import { checkOtherVersion } from "./other-version.ts";
import { journey, onPostgresql } from "./journey.ts";
import { checkPackage, packLaterVersion, packThisVersion } from "./package-file.ts";
import { checkGeneratedClient } from "../openapi/generated-client.ts";
import { createProject, type Project } from "./project.ts";
import { exportCounting } from "./rate-limit.ts";
import { tablesOfD1, tablesOfPostgres } from "./tables.ts";
import { checkTypes, mountInWorker } from "./types.ts";
import { checkUpgrade, type Upgrade } from "./upgrade.ts";

type Tarballs = Upgrade["tarballs"];

const work = await mkdtemp(join(tmpdir(), "sluice-package-"));

async function onD1(like: Project, tarballs: Tarballs): Promise<void> {
  const folder = join(work, "on-d1");
  const project = await createProject(folder, tarballs.now, { flags: ["--gallery"], like });
  const names = { files: "sluice_files", later: "sluice_later" };
  await checkUpgrade({ project, tarballs, names, readTables: () => tablesOfD1(folder) });
}

const onPostgres = (like: Project, tarballs: Tarballs): Promise<void> =>
  onPostgresql(async (url) => {
    // For the bundled Worker, which wrangler runs without `sluice dev`.
    const endpoint = await startLocalEndpoint(url);
    try {
      const project = await createProject(join(work, "on-neon"), tarballs.now, {
        flags: ["--gallery", "--database", "neon"],
        variables: { DATABASE_URL: url },
        like,
      });
      const withoutUrl = (text: string) => text.replace(/^DATABASE_URL=.*\n/m, "");
      await project.edit(".dev.vars", (text) => `${withoutUrl(text)}DATABASE_URL=${endpoint.url}\n`);
      const names = { files: "sluice.files", later: "sluice.later" };
      await checkUpgrade({ project, tarballs, names, readTables: () => tablesOfPostgres(url) });
    } finally {
      await endpoint.close();
    }
  });

await journey(work, async () => {
  const tarballs = await part("npm pack", async () => {
    const now = await packThisVersion(work);
    await checkPackage(now);
    return { now, later: await packLaterVersion(work) };
  });
  await part("a folder that is not empty", async () => {
    await checkFolderIsKept(work, "fresh");
    await checkLinkIsKept(work);
  });
  const dependencies = part("dependencies", () => checkFootprint(join(work, "bare"), tarballs.now));
  const making = part("init", () => makeFirstProject(join(work, "my-uploads"), tarballs.now));
  await sideBySide<unknown>([dependencies, making]);
  const first = await making;
  await sideBySide([
    part("upgrade on D1", () => onD1(first, tarballs)),
    part("upgrade on PostgreSQL", () => onPostgres(first, tarballs)),
  ]);
  await part("openapi", () => checkGeneratedClient(first));
  await part("mounted", async () => {
    await mountInWorker(first);
    await exportCounting(first);
    await checkTypes(first);
    await checkOtherVersion(first, tarballs.later);
  });
});
