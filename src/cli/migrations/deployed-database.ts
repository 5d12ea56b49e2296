/** The database that the project has chosen, and how to reach it from this machine. */
import { join } from "node:path";
import { readFile } from "node:fs/promises";
import { createReport, formatDiagnostic, type Diagnostic } from "../../compiler/text/diagnostic.ts";
import type { DatabaseName } from "../../contract/database-names.ts";
import { readWranglerToml } from "../project.ts";
import { parseVars } from "../local/secrets.ts";
import { projectFolder } from "../local/wrangler.ts";

/** DATABASE of wrangler.toml. @throws Error with what is wrong there */
export function chosenDatabase(environment: string | null): DatabaseName {
  const found: Diagnostic[] = [];
  const { database } = readWranglerToml(projectFolder, environment, createReport("wrangler.toml", found));
  const faults = found.filter(({ severity }) => severity === "fault");
  if (faults.length > 0) throw new Error(faults.map(formatDiagnostic).join("\n"));
  return database;
}

/** The address in DATABASE_URL, of the process or of .dev.vars. @throws Error when there is none, or it is no address */
export async function databaseUrl(): Promise<string> {
  const text = process.env["DATABASE_URL"] ?? (await readDevVars())["DATABASE_URL"] ?? "";
  if (text === "") {
    throw new Error("DATABASE_URL is missing: put postgresql://user:password@host/database into it, or into .dev.vars");
  }
  if (!URL.canParse(text) || !/^postgres(?:ql)?:$/.test(new URL(text).protocol)) {
    throw new Error("DATABASE_URL is no address of the form postgresql://user:password@host/database");
  }
  return text;
}

async function readDevVars(): Promise<Readonly<Record<string, string>>> {
  try {
    return parseVars(await readFile(join(projectFolder, ".dev.vars"), "utf8"));
  } catch {
    return {};
  }
}
