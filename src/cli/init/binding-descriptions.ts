/**
 * What Cloudflare's deploy button says of the bindings and secrets that it asks for: `cloudflare.bindings` of package.json.
 * https://developers.cloudflare.com/workers/platform/deploy-buttons/
 */
import { d1Binding, hyperdriveBinding, queueBindings } from "../../contract/bindings.ts";

/** The Worker refuses what is short or uniform; wrangler cannot show a secret again. */
const random = "make one with `openssl rand -base64 48`, and keep it";

export const bindingDescriptions: Readonly<Record<string, string>> = {
  BUCKET: "The bucket of all uploaded files.",
  [d1Binding]: "The database: what is known of the files, and your own tables.",
  [hyperdriveBinding]: "The PostgreSQL database: what is known of the files, and your own tables.",
  [queueBindings.normal]: "The queue of background work.",
  JWT_SECRET_KEY: `Verifies the tokens of your callers: the key of whoever signs them. If there is none yet, ${random}.`,
  LINK_SECRET: `Signs download links. Another one than \`JWT_SECRET_KEY\`: ${random}.`,
  DATABASE_URL:
    "The address of your Neon database, `postgresql://user:password@host/database`. The build needs it as a variable of its own, for it migrates the database.",
};

/** Of these names. */
export const describeBindings = (names: readonly string[]) =>
  Object.fromEntries(names.map((name) => [name, { description: bindingDescriptions[name] ?? "" }]));
