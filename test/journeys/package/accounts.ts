/** Accounts in a consumer's project: bcrypt and argon2's WebAssembly are found where npm has put them. */
import { check, until } from "./commands.ts";
import type { Project } from "./project.ts";
import type { Server } from "./servers.ts";

const tokenize = { type: "JWT", algorithm: "HS256", encryption_key: "$ENV.JWT_SECRET_KEY" };
const credentials = { email: "ada@example.com", password: "correct horse" };

/** A sign-up and a sign-in, with a table of their own for each algorithm. */
function endpointsOf(algorithm: string): readonly { readonly id: string }[] {
  const name = algorithm.toLowerCase();
  const endpoint = (id: string, query: string, parameters: readonly string[], passwords: object) => ({
    id,
    resource: id,
    tokenize: { ...tokenize, expiration: 600, custom_claim_fields: ["id"] },
    returnables: ["id", "token"],
    actionables: [{ id: 1, mode: "QUERY", sql_query: { query, parameters }, ...passwords }],
  });
  const rules = [{ property: "password", algorithm }];
  const insert = `INSERT INTO ${name}_users (id, email, password) VALUES ($1, $2, $3) RETURNING id`;
  const select = `SELECT id, password FROM ${name}_users WHERE email = $1`;
  return [
    endpoint(`sign-up-${name}`, insert, ["$GENERATOR.KSUID", "$PAYLOAD.email", "$PAYLOAD.password"], {
      hashables: rules,
    }),
    endpoint(`sign-in-${name}`, select, ["$PAYLOAD.email"], { verify_hashables: rules }),
  ];
}

export async function addAccounts(project: Project, { origin }: Server): Promise<void> {
  const algorithms = ["BCRYPT", "ARGON2"];
  const tables = algorithms.map(
    (name) =>
      `CREATE TABLE ${name}_users (id TEXT PRIMARY KEY NOT NULL, email TEXT NOT NULL UNIQUE, password TEXT NOT NULL);\n`,
  );
  await project.write("migrations/0003_users.sql", tables.join(""));
  const endpoints = algorithms.flatMap(endpointsOf);
  for (const endpoint of endpoints) await project.write(`abis/${endpoint.id}.json`, JSON.stringify(endpoint));
  const post = async (path: string, payload: object) => {
    const headers = { "content-type": "application/json" };
    const answer = await fetch(`${origin}/${path}`, { method: "POST", headers, body: JSON.stringify(payload) });
    const said: unknown = await answer.json().catch(() => ({}));
    return { status: answer.status, said: said as { readonly data?: { readonly token: string } | null } };
  };
  // Of several files each may make the server start again: a call may come to one that is ending.
  const answers = (path: string, payload: object, ...statuses: readonly number[]) =>
    until(async () => statuses.includes((await post(path, payload)).status), `${path} answers with ${statuses.join()}`);
  for (const name of algorithms.map((algorithm) => algorithm.toLowerCase())) {
    const wrong = { ...credentials, password: "another" };
    await answers(`sign-up-${name}`, {}, 422);
    await answers(`sign-up-${name}`, credentials, 200, 409);
    await answers(`sign-in-${name}`, wrong, 401);
    await answers(`sign-in-${name}`, credentials, 200);
    check(true, `${name}: signs up and in, and nobody in with another password`);
    const { said } = await post(`sign-in-${name}`, credentials);
    const authorization = `Bearer ${said.data?.token ?? ""}`;
    const read = await fetch(`${origin}/receipts`, { headers: { authorization } });
    check(read.status === 200, `${name}: and the token is taken`, read.status);
  }
}
