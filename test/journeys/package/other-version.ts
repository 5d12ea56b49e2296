/** A Worker that mounts Sluice without its build step, after another version was installed. */
import { anyFreePort } from "../../../src/compiler/sql/postgres/free-port.ts";
import { check, npm } from "./commands.ts";
import type { Project } from "./project.ts";
import { startRefused, startServer } from "./servers.ts";
import { callerOf } from "./uploads.ts";

export async function checkOtherVersion(project: Project, later: string): Promise<void> {
  await project.edit("wrangler.toml", (text) => text.replace(/^\[build\]\n(?:.+\n)+/m, ""));
  await npm(project.folder, "install", later);
  const { folder, wranglerCommand } = project;
  const worker = { folder, command: [wranglerCommand, "dev"], port: await anyFreePort() };
  const reason = '.sluice was written by sluice 0.1, and this is 0.2: run "sluice build"';
  await startRefused(worker, reason);
  check(true, `another version's files are refused: ${reason}`);
  await project.sluice("build");
  const server = await startServer({ ...worker, healthPath: "/media/healthz" });
  const caller = await callerOf(project, `${server.origin}/media`);
  check((await caller.uploadReceipt("dinner.pdf")).name === "dinner.pdf", "built anew, the mounted Worker answers");
  await server.stop();
}
