/**
 * The examples as their readers have them: on the packed package, in empty folders, on D1 and on PostgreSQL. What a
 * README tells to type is typed, what it shows is compared, and the example's own tests run against the server.
 *
 *     npm run suite -- examples [--example receipts]
 */
import { mkdir, mkdtemp, readFile, readdir } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import pg from "pg";
import { anyFreePort } from "../../../src/compiler/sql/postgres/free-port.ts";
import { check, part, run, sideBySide, type Variables } from "../package/commands.ts";
import { journey, onPostgresql } from "../package/journey.ts";
import { packThisVersion } from "../package/package-file.ts";
import { startServer, type Server } from "../package/servers.ts";
import { checkOrigin, examples, makeExample, type Setting } from "./example-project.ts";
import { followPage } from "./follow-page.ts";

const { values } = parseArgs({ options: { example: { type: "string", multiple: true } } });
const names = values.example ?? (await readdir(examples));
const work = await mkdtemp(join(tmpdir(), "sluice-examples-"));

interface Dev {
  readonly origin: string;
  readonly startServer: () => Promise<unknown>;
  readonly stop: () => Promise<unknown>;
}

async function devOf(folder: string, variables: Variables): Promise<Dev> {
  const port = await anyFreePort();
  const command = [join(folder, "node_modules/sluice/lib/cli/sluice.js"), "dev"];
  let server: Server | null = null;
  return {
    origin: `http://localhost:${port}`,
    startServer: async () => (server = await startServer({ folder, command, port, variables })),
    stop: async () => server?.stop(),
  };
}

async function follow(page: string, folder: string, variables: Variables, dev: Dev): Promise<void> {
  const words = { path: work };
  const steps = await followPage(page, { folder, variables, words, ...dev });
  check(true, `${page}: ${steps} files, commands and answers`);
}

async function runTests(folder: string, variables: Variables, { origin }: Dev): Promise<void> {
  const tests = (await readdir(join(folder, "test"))).map((file) => join("test", file));
  const said = await run(folder, process.execPath, ["--test", ...tests], { ...variables, ORIGIN: origin });
  check(true, `its own tests: ${/^. pass (\d+)$/m.exec(said)?.[1] ?? said}`);
}

/** @returns its folder */
async function tryExample(name: string, setting: Setting, variables: Variables): Promise<string> {
  // The package lies beside it, as beside every other: a lock file that is copied names it by the same path.
  const folder = join(work, `${setting.engine}-${name}`);
  await makeExample(name, folder, setting);
  const dev = await devOf(folder, variables);
  await follow(`examples/${name}/README.md`, folder, variables, dev);
  await runTests(folder, variables, dev);
  await dev.stop();
  return folder;
}

/** Whoever follows the tutorial ends up with the first example. */
async function tryTutorial(): Promise<void> {
  const folder = join(work, "receipts");
  const dev = await devOf(folder, {});
  await follow("docs/tutorial.md", work, {}, dev);
  await dev.stop();
  for (const kind of ["abis", "migrations"]) {
    for (const name of await readdir(join(examples, "receipts", kind))) {
      const [own, made] = await Promise.all(
        [join(examples, "receipts"), folder].map((from) => readFile(join(from, kind, name), "utf8")),
      );
      check(own === made, `${kind}/${name} is the example's`, made);
    }
  }
}

async function onD1(tarball: string): Promise<void> {
  let like: string | null = null;
  for (const name of names) {
    await part(`${name} is a project of sluice init`, () => checkOrigin(join(work, "new", name)));
    const setting: Setting = { engine: "d1", tarball, like };
    like = await part(`${name} on D1`, () => tryExample(name, setting, {}));
  }
}

const onPostgres = (tarball: string): Promise<void> =>
  onPostgresql(async (url) => {
    let like: string | null = null;
    for (const name of names) {
      const variables = { DATABASE_URL: await createDatabase(url, name) };
      const setting: Setting = { engine: "neon", tarball, like };
      like = await part(`${name} on PostgreSQL`, () => tryExample(name, setting, variables));
    }
  });

/** @returns the address of a database of its own on the same server */
async function createDatabase(url: string, name: string): Promise<string> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  await client.query(`CREATE DATABASE "${name}"`);
  await client.end();
  return Object.assign(new URL(url), { pathname: `/${name}` }).href;
}

await journey(work, async () => {
  await mkdir(join(work, "new"));
  const tarball = await part("npm pack", () => packThisVersion(work));
  const tutorial = values.example === undefined ? [part("tutorial", tryTutorial)] : [];
  await sideBySide([...tutorial, onD1(tarball), onPostgres(tarball)]);
});
