/** Endpoints that say how they are to be called and run. */
import { authentication } from "../../compiler/support.ts";

export const tableOf = (): string => "CREATE TABLE notes (id text PRIMARY KEY NOT NULL, text text)";

const query = (id: number, query: string, parameters: readonly string[] = []) => ({
  id,
  mode: "QUERY",
  sql_query: { query, parameters },
});
const actionables = [
  { ...query(1, "SELECT count(*) AS notes FROM notes"), main_returnable: true },
  query(2, "SELECT id FROM notes WHERE text = $1", ["$PROTECTED.id"]),
  query(3, "SELECT max(id) AS latest FROM notes"),
  query(4, "INSERT INTO notes (id, text) VALUES ($1, $2)", ["$GENERATOR.KSUID", "$PROTECTED.id"]),
];
const endpoint = (resource: string, more: object) => ({ id: `${resource}-01`, resource, ...authentication, ...more });
const withId = { protected: { provide_as: "x-access-token", extract_claims: ["id"] } };

export const abis: readonly { readonly id: string }[] = [
  endpoint("one-after-the-other", { ...withId, actionables }),
  endpoint("side-by-side", { ...withId, actionables, parallel: true }),
  endpoint("closed", {
    ...withId,
    actionables,
    maintenance: true,
    rate_limit: { limit: 1, identifier: "$PROTECTED.id", expires_after: 60 },
  }),
];
