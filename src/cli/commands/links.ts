/**
 * Revokes signed links that have been issued: all of them, or one owner's.
 *
 *     sluice links revoke-all | revoke-owner <owner> [--remote] [--env NAME]
 *
 * On D1: in the local database, or with `--remote` in the deployment's. On PostgreSQL: in the one at DATABASE_URL.
 */
import { parseArgs } from "node:util";
import { createManagedLinks } from "../../runtime/links/managed.ts";
import { deploymentFlags, connectDeployment } from "../open-deployment.ts";
import { runCommand } from "../run-command.ts";

const usage = "Usage: sluice links revoke-all | revoke-owner <owner>   [--remote] [--env NAME]";

function readCommand() {
  const { values, positionals } = parseArgs({ allowPositionals: true, options: deploymentFlags });
  const [command, owner, ...rest] = positionals;
  if (rest.length > 0) throw new Error(`What is ${rest.join(" ")}?`);
  if (command === "revoke-all" && owner === undefined) return { owner: null, ...values };
  if (command === "revoke-owner" && owner !== undefined) return { owner, ...values };
  throw new Error("Say whose links: revoke-all, or revoke-owner and the owner's id");
}

async function revoke({ owner, ...flags }: ReturnType<typeof readCommand>): Promise<true> {
  const { database, dialect, close } = await connectDeployment(flags);
  try {
    await createManagedLinks(database, dialect).revokeOwner(owner);
    console.log(owner === null ? "Revoked: all links" : `Revoked: the links of ${owner}`);
    return true;
  } finally {
    await close();
  }
}

await runCommand(readCommand, revoke, usage);
