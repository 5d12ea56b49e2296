/**
 * The secrets of a development server: `.dev.vars`, with a fresh random value for every secret that wrangler's configuration
 * requires and that can be made up. It is never committed, and only its owner can read it.
 */
import { randomBytes } from "node:crypto";
import { chmod, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { plainSettings } from "../../contract/settings.ts";
import { readProject } from "../project.ts";
import { projectFolder } from "./wrangler.ts";

export const devVarsPath = join(projectFolder, ".dev.vars");
/** Secrets that somebody else gives. */
const given: ReadonlySet<string> = new Set(
  Object.keys(plainSettings).filter((name) => !name.startsWith("LINK_SECRET")),
);

/** As base64url 64 characters, so long as HS512 needs. */
const SECRET_BYTES = 48;

export const randomSecret = (): string => randomBytes(SECRET_BYTES).toString("base64url");

export type Secrets = Readonly<Record<string, string>>;

/** Adds what the file lacks, keeps every line it has (the last of a name counts), and resolves with what is in it then. */
export async function completeSecrets(path: string = devVarsPath): Promise<Secrets> {
  const text = (await readIfThere(path)) ?? "";
  const present = parseVars(text);
  // Of every environment: a development server may run any of them. What is wrong in the file is told when it starts.
  const required = readProject(projectFolder, "", []).everySecret;
  const missing = required.filter((name) => !given.has(name) && (present[name] ?? "") === "");
  if (missing.length > 0) {
    const opening = text === "" || text.endsWith("\n") ? text : `${text}\n`;
    const lines = missing.map((name) => `${name}=${randomSecret()}\n`);
    await writeFile(path, opening + lines.join(""), { mode: 0o600 });
  }
  // The mode above only counts for a new file.
  await chmod(path, 0o600);
  return parseVars(await readFile(path, "utf8"));
}

/** One secret by name. @throws Error when it is not there */
export function secretNamed(secrets: Secrets, name: string): string {
  const value = secrets[name];
  if (value === undefined || value === "") throw new Error(`.dev.vars has no ${name}`);
  return value;
}

async function readIfThere(path: string): Promise<string | null> {
  try {
    return await readFile(path, "utf8");
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return null;
    throw error;
  }
}

/** The last line of a name counts, as for wrangler; quotes around a value are not part of it. */
export function parseVars(text: string): Record<string, string> {
  const lines = text.matchAll(/^[ \t]*(?:export[ \t]+)?([A-Za-z_]\w*)[ \t]*=(.*)$/gm);
  return Object.fromEntries(
    [...lines].map(([, name = "", value = ""]) => [name, value.trim().replace(/^(["'])(.*)\1$/, "$2")]),
  );
}
