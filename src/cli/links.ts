/**
 * Revokes signed links that have been issued: all of them, or one owner's.
 *
 *     npm run links -- revoke-all | revoke-owner <owner> [--remote | --print]
 *
 * It works on the local D1 database, or with `--remote` on the deployed one. `--print` only prints the statement, for
 * use on other databases.
 */
import { parseArgs } from "node:util";
import { d1Binding } from "../contract/bindings.ts";
import { runWrangler } from "./local/wrangler.ts";

const usage = "Usage: npm run links -- revoke-all | revoke-owner <owner> [--remote | --print]";

interface Options {
  /** The row of link_epochs that grows; see src/runtime/links/registry.ts. */
  readonly scope: string;
  readonly remote: boolean;
  readonly print: boolean;
}

function readOptions(): Options {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: { remote: { type: "boolean", default: false }, print: { type: "boolean", default: false } },
  });
  const [command, owner, ...rest] = positionals;
  if (rest.length > 0) throw new Error(`What is ${rest.join(" ")}?`);
  if (command === "revoke-all" && owner === undefined) return { scope: "all", ...values };
  if (command === "revoke-owner" && owner !== undefined) return { scope: `owner:${owner}`, ...values };
  throw new Error("Say whose links: revoke-all, or revoke-owner and the owner's id");
}

try {
  const { scope, remote, print } = readOptions();
  const row = `INSERT INTO link_epochs (scope, epoch) VALUES ('${scope.replaceAll("'", "''")}', 1)`;
  const statement = `${row} ON CONFLICT (scope) DO UPDATE SET epoch = link_epochs.epoch + 1`;
  if (print) {
    console.log(`${statement};`);
  } else {
    await runWrangler(["d1", "execute", d1Binding, remote ? "--remote" : "--local", "--yes", "--command", statement]);
    console.log(`Revoked: ${scope}, in the ${remote ? "deployment's" : "local"} database.`);
  }
} catch (error) {
  console.error(`${error instanceof Error ? error.message : String(error)}\n${usage}`);
  process.exitCode = 1;
}
