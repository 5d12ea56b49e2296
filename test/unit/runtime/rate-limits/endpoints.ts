/** Endpoints that take so many calls and no more. */
import { authentication } from "../../compiler/support.ts";

export const tableOf = (): string => "CREATE TABLE visits (id text PRIMARY KEY NOT NULL, who text)";

const query = (query: string, parameters: readonly string[] = []) => ({
  mode: "QUERY",
  sql_query: { query, parameters },
  data_shape: "list",
});
const read = query("SELECT id FROM visits ORDER BY id");
const write = query("INSERT INTO visits (id, who) VALUES ($1, $2) RETURNING id", ["$GENERATOR.KSUID", "$HEADER.ip"]);
const uploads = { allowed_mimetypes: ["image/png"], max_upload_file_size: 10_000 };
const withClaims = (...claims: readonly string[]) => ({
  ...authentication,
  protected: { provide_as: "x-access-token", extract_claims: claims },
});

const endpoint = (id: string, rule: readonly [limit: number, identifier: string, seconds: number], more: object) => ({
  id: `${id}-01`,
  resource: id,
  rate_limit: { limit: rule[0], identifier: rule[1], expires_after: rule[2] },
  ...more,
});

export const abis: readonly { readonly id: string }[] = [
  endpoint("visits", [50, "$HEADER.ip", 3600], { actionables: [{ id: 1, ...write }] }),
  endpoint("by-address", [3, "$HEADER.ip", 3600], { actionables: [{ id: 1, ...read }] }),
  endpoint("by-client", [3, "$HEADER.X-Client", 60], { actionables: [{ id: 1, ...read }] }),
  endpoint("by-caller", [3, "$PROTECTED.id", 60], { ...withClaims("id"), actionables: [{ id: 1, ...read }] }),
  endpoint("by-team", [3, "$PROTECTED.team.id", 60], { ...withClaims("team"), actionables: [{ id: 1, ...read }] }),
  endpoint("pictures", [3, "$PROTECTED.id", 60], {
    ...withClaims("id"),
    actionables: [{ id: 1, mode: "UPLOAD", uploads }],
  }),
  endpoint("later", [3, "$PROTECTED.id", 60], {
    ...withClaims("id"),
    run_in_background: true,
    actionables: [{ id: 1, ...write }],
  }),
];
