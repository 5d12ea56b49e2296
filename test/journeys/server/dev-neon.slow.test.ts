/** `sluice dev` with DATABASE = "neon" and a plain PostgreSQL at DATABASE_URL, and what it says where there is none. */
import pg from "pg";
import { afterAll, beforeAll, expect, test } from "vitest";
import { startCluster, type Cluster } from "../../../src/compiler/sql/postgres/throw-away-cluster.ts";
import { copyProject, type DevProject } from "../../support/node/dev-project.ts";
import { readPhoto } from "../../support/node/form.ts";

/** The second statement needs what the first returns: a transaction over a WebSocket. */
const pair = {
  id: "pair-01",
  resource: "pair",
  actionables: [
    {
      id: 1,
      mode: "QUERY",
      sql_query: {
        query: "INSERT INTO pairs (id, other) VALUES ($1, $2) RETURNING id",
        parameters: ["$GENERATOR.KSUID", "$PAYLOAD.text"],
      },
      returnables: ["id"],
    },
    {
      id: 2,
      mode: "QUERY",
      sql_query: {
        query: "INSERT INTO pairs (id, other) VALUES ($1, $2) RETURNING other",
        parameters: ["$GENERATOR.KSUID", "id"],
      },
      returnables: ["other"],
      main_returnable: true,
    },
  ],
};

let cluster: Cluster;
let project: DevProject;
beforeAll(async () => {
  cluster = await startCluster();
  project = await copyProject({ DATABASE_URL: "" });
  project.change("wrangler.toml", 'DATABASE = "d1"', 'DATABASE = "neon"');
  project.change("wrangler.toml", '"LINK_SECRET"]', '"LINK_SECRET", "DATABASE_URL"]');
}, 60_000);
afterAll(async () => {
  await project.close();
  await cluster.stop();
});

async function query(sql: string): Promise<unknown[]> {
  const client = new pg.Client({ connectionString: cluster.url });
  await client.connect();
  try {
    return (await client.query<Record<string, unknown>>(sql)).rows;
  } finally {
    await client.end();
  }
}

test.each([
  ["", "DATABASE_URL is missing: put postgresql://user:password@host/database into it, or into .dev.vars"],
  [
    "DATABASE_URL=postgresql://user:hush-hush@localhost:1/database",
    "PostgreSQL at localhost:1/database does not answer: .*\n.*put another address into DATABASE_URL, of the environment or of .dev.vars",
  ],
  ["DATABASE_URL=localhost:5432", "DATABASE_URL is no address of the form postgresql://user:password@host/database"],
])("with %j it says what to set, and ends", async (line, reason) => {
  project.write(".dev.vars", `${line}\n`);
  const { code, output } = await project.run("dev");
  expect([code, output]).toEqual([1, expect.stringMatching(reason)]);
  expect(output).not.toMatch(/hush-hush|\n {4}at /);
});

test("with a wrong password PostgreSQL's own words are told", async () => {
  const url = new URL(cluster.url);
  url.password = "hush-hush";
  project.write(".dev.vars", `DATABASE_URL=${url.href}\n`);
  const { code, output } = await project.run("dev");
  const reason = `refuses: password authentication failed for user "sluice"`;
  expect([code, output]).toEqual([
    1,
    expect.stringContaining(`PostgreSQL at 127.0.0.1:${url.port}/postgres ${reason}`),
  ]);
  expect(output).not.toContain("hush-hush");
});

test("with a plain PostgreSQL uploads are answered, and the other commands find the same database", async () => {
  project.write(".dev.vars", `DATABASE_URL=${cluster.url}\n`);
  await project.start();
  expect(project.output).toContain(`PostgreSQL at 127.0.0.1:${String(cluster.port)}/postgres`);
  const token = (await project.run("token", "--id", "user_01")).output.trim();
  const body = new FormData();
  body.set("file", new Blob([new Uint8Array(readPhoto("sunset-1600.jpg"))], { type: "image/jpeg" }), "sunset.jpg");
  const answer = await fetch(`${project.origin}/upload-gallery-and-store`, {
    method: "POST",
    headers: { "x-access-token": token },
    body,
  });
  expect([answer.status, await answer.json()]).toMatchObject([200, { data: [{ user_id: "user_01" }] }]);
  expect(await query("SELECT user_id FROM public.gallery")).toEqual([{ user_id: "user_01" }]);
  const planned = await project.run("migrate", "--plan");
  expect(planned).toMatchObject({
    code: 0,
    output: expect.stringMatching(/applied +0002_gallery\.sql\nNothing was changed/),
  });
  expect(await project.run("jobs", "list")).toMatchObject({ code: 0, output: expect.stringContaining("no jobs") });
  expect(await project.run("reconcile", "--dry-run")).toMatchObject({
    code: 0,
    output: expect.stringContaining("Objects compared: 1."),
  });
}, 240_000);

test("a faulty migration is told with its line, and its correction applies; then a session runs", async () => {
  project.forget();
  project.write("migrations/postgres/0099_pairs.sql", "-- mine\nCREATE TABLE pairs (\n  id txet PRIMARY KEY\n);\n");
  await project.printed('fault   migrations/postgres/0099_pairs.sql:3: type "txet" does not exist\n');
  await project.printed('abis    migrations/postgres/0099_pairs.sql:3: type "txet" does not exist\n');
  expect((await fetch(`${project.origin}/healthz`)).status).toBe(200);
  project.write(
    "migrations/postgres/0099_pairs.sql",
    "-- mine\nCREATE TABLE pairs (\n  id text PRIMARY KEY,\n  other text NOT NULL\n);\n",
  );
  await project.printed("tables  1 migration applied");
  project.write("abis/pair.json", JSON.stringify(pair));
  await project.printed("7 endpoints compiled for neon");
  const call = () =>
    fetch(`${project.origin}/pair`, {
      method: "POST",
      headers: { "Content-Type": "application/json" },
      body: JSON.stringify({ text: "first" }),
    });
  let answer = await call();
  // The new endpoints are compiled, and not served yet.
  for (let attempt = 0; answer.status === 404 && attempt < 100; attempt += 1) answer = await call();
  expect(answer.status).toBe(200);
  const rows = (await query("SELECT id, other FROM public.pairs ORDER BY other = 'first' DESC")) as {
    id: string;
    other: string;
  }[];
  expect(rows).toMatchObject([{ other: "first" }, { other: rows[0]?.id }]);
  expect(await answer.json()).toMatchObject({ data: { other: rows[0]?.id } });
}, 240_000);
