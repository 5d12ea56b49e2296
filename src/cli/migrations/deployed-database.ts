/** The database that the project has chosen, and how to reach it from this machine. */
import { join } from "node:path";
import { readFile } from "node:fs/promises";
import type { DatabaseName } from "../../contract/database-names.ts";
import { readSoundProject } from "../project.ts";
import { parseVars } from "../local/secrets.ts";
import { projectFolder } from "../local/wrangler.ts";

/** DATABASE of wrangler's configuration. @throws Error with what is wrong there */
export function chosenDatabase(environment: string | null): DatabaseName {
  return readSoundProject(projectFolder, environment).database;
}

/**
 * The address in DATABASE_URL: of the process, or of .dev.vars. What .dev.vars names is the developer's own database, and
 * so is one on this machine: where the deployed one is meant, neither is taken for it.
 * @throws Error that says what to do
 */
export async function databaseUrl(isRemote: boolean): Promise<string> {
  const given = process.env["DATABASE_URL"] ?? "";
  return checkDatabaseUrl(given === "" && !isRemote ? ((await readDevVars())["DATABASE_URL"] ?? "") : given, isRemote);
}

/** @throws Error that says what to do */
export function checkDatabaseUrl(text: string, isRemote: boolean): string {
  if (text === "") {
    const where = isRemote
      ? "of the deployed database into the environment of this command; .dev.vars, which is for development, is not read"
      : "into it, or into .dev.vars";
    throw new Error(`DATABASE_URL is missing: put postgresql://user:password@host/database ${where}`);
  }
  if (!URL.canParse(text) || !/^postgres(?:ql)?:$/.test(new URL(text).protocol)) {
    throw new Error("DATABASE_URL is no address of the form postgresql://user:password@host/database");
  }
  const { host } = databaseNamed(text);
  if (!isRemote || !isOnThisMachine(host)) return text;
  const remedy = 'name the deployed database. Through a tunnel: "sluice migrate", then "wrangler deploy"';
  throw new Error(`DATABASE_URL names ${host || "a socket"}, which is on this machine: ${remedy}`);
}

/** As `pg` reads the address: a parameter wins. An empty host, or a path, is a socket. */
export function databaseNamed(url: string): { readonly host: string; readonly port: string; readonly path: string } {
  const { hostname, port, pathname, searchParams } = new URL(url);
  const host = searchParams.get("host") || hostname.replaceAll(/%2f/gi, "/");
  return { host, port: searchParams.get("port") || port, path: pathname };
}

function isOnThisMachine(host: string): boolean {
  const name = host.toLowerCase().replace(/\.$/, "");
  return (
    /^(?:|\/.*|localhost|127(?:\.\d+){1,3}|0\.0\.0\.0|\[::1?\]|::1?|host\.docker\.internal)$/.test(name) ||
    name.endsWith(".localhost")
  );
}

async function readDevVars(): Promise<Readonly<Record<string, string>>> {
  try {
    return parseVars(await readFile(join(projectFolder, ".dev.vars"), "utf8"));
  } catch {
    return {};
  }
}
