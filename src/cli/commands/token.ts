/**
 * Prints a development token, signed with the secret in `.dev.vars`, and nothing else.
 *
 *     sluice token --id user_01 [--claim name=value …] [--expires seconds]
 */
import { parseArgs } from "node:util";
import { completeSecrets, secretNamed } from "../local/secrets.ts";
import { signToken } from "../local/sign-token.ts";
import { runCommand } from "../run-command.ts";

const usage = "Usage: sluice token --id user_01 [--claim name=value …] [--expires seconds]";

function readOptions(): { claims: Record<string, string>; expiresSeconds: number } {
  const { values } = parseArgs({
    options: {
      id: { type: "string" },
      claim: { type: "string", multiple: true, default: [] },
      expires: { type: "string", default: "3600" },
    },
  });
  const claims: Record<string, string> = values.id === undefined ? {} : { id: values.id };
  for (const text of values.claim) {
    const border = text.indexOf("=");
    if (border < 1) throw new Error(`--claim takes name=value, not ${text}`);
    claims[text.slice(0, border)] = text.slice(border + 1);
  }
  if (Object.keys(claims).length === 0) throw new Error("Say who the token is for: --id or --claim");
  // Negative: a token that has expired, for trying that out.
  if (!/^-?\d{1,9}$/.test(values.expires)) throw new Error("--expires takes a number of seconds");
  return { claims, expiresSeconds: Number(values.expires) };
}

async function printToken(options: ReturnType<typeof readOptions>): Promise<true> {
  const secret = secretNamed(await completeSecrets(), "JWT_SECRET_KEY");
  console.log(await signToken({ secret, ...options }));
  return true;
}

await runCommand(readOptions, printToken, usage);
