/** The account's D1 databases. One without an id in wrangler's configuration is known by its name, as wrangler does it. */
import type { BoundDatabase } from "../configuration/deployment.ts";
import { runWrangler } from "../local/wrangler.ts";

/** Null where the account has none of the name. @throws Error with what wrangler says */
export async function findD1(name: string): Promise<string | null> {
  const databases = JSON.parse(await runWrangler(["d1", "list", "--json"])) as readonly {
    name: string;
    uuid: string;
  }[];
  return databases.find((database) => database.name === name)?.uuid ?? null;
}

/** As everybody writes one until there is a database: zeros, or words. */
const isPlaceholder = (id: string): boolean => !/^(?=.*[1-9a-f])[\da-f-]{32,36}$/i.test(id);

const remedies = {
  database_id: "leave the line out, and the database is found by its name, or made",
  id: 'run "npx wrangler hyperdrive create <name> --connection-string=…" and write its id there',
} as const;

/**
 * Makes sure that the deployed database is there before it is migrated: wrangler would make it too late, when it deploys.
 * @param print is told what is made
 * @throws Error with the place in the configuration and what to do
 */
export async function prepareDatabase(
  file: string,
  bound: BoundDatabase,
  print: (line: string) => void,
): Promise<void> {
  const { id, idName, name, place } = bound;
  const refuse = (reason: string): never => {
    throw new Error(`${file}${place}: ${reason}`);
  };
  if (id !== null) return isPlaceholder(id) ? refuse(`the id is a placeholder; ${remedies[idName]}`) : undefined;
  if (idName === "id") return refuse(`the id is missing; ${remedies.id}`);
  if (name === null) return refuse("expected database_name, by which the database is found, or made");
  if ((await findD1(name)) !== null) return;
  print(`There is no D1 database ${name} yet: it is made`);
  await runWrangler(["d1", "create", name]);
}
