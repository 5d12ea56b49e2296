/**
 * What the compiler needs to know of wrangler.toml: the chosen database, the limit of a request's body, queues and
 * triggers, and what `$ENV` may name. It is given the file's text and reads no disk.
 */
import { d1Binding, hyperdriveBinding } from "../../contract/bindings.ts";
import { databaseNames, type DatabaseName } from "../../contract/database-names.ts";
import { TomlError, parse } from "smol-toml";
import type { JobCapabilities } from "../../compiler/endpoint/background.ts";
import type { Report } from "../../compiler/text/diagnostic.ts";
import { pointerStep } from "../../compiler/text/diagnostic.ts";
import type { DeclaredNames } from "../../compiler/values/declared-names.ts";
import { placeOfKey } from "./toml-place.ts";
import { checkValues, type Variable } from "./variables.ts";
import { didYouMean } from "../../compiler/text/suggest.ts";

export interface DeploymentFile {
  readonly database: DatabaseName;
  /** MAX_REQUEST_BYTES: the least, where several environments set it; null when none does. */
  readonly maxRequestBytes: number | null;
  readonly capabilities: JobCapabilities;
  /** FILE_API is on. */
  readonly fileApi: boolean;
  /** `mongodb` where the secret MONGODB_URL is declared; else documents are rows of the database. */
  readonly documents: "table" | "mongodb";
  /** What stands under [vars], of each environment that the build is for. */
  readonly variables: readonly Variable[];
  /** What `$ENV` may name, in each environment that the build is for; empty where the file cannot be read. */
  readonly declared: readonly DeclaredNames[];
}

type Table = Readonly<Record<string, unknown>>;

/** The settings of one environment, and where they stand in the file. */
interface Section {
  readonly settings: Table;
  /** Null = the top level. */
  readonly name: string | null;
  readonly place: string;
  /** Where a variable stands, as a diagnostic has it. */
  readonly placeOf: (variable: string) => string;
}

function asTable(value: unknown): Table {
  return typeof value === "object" && value !== null && !Array.isArray(value) ? (value as Table) : {};
}

function hasBinding(list: unknown, name: string): boolean {
  return Array.isArray(list) && list.some((entry) => asTable(entry)["binding"] === name);
}

function requiredSecrets(settings: Table): string[] {
  const required = asTable(settings["secrets"])["required"];
  return Array.isArray(required) ? required.map(String) : [];
}

const hasSecret = (settings: Table, name: string): boolean => requiredSecrets(settings).includes(name);

function readDocuments({ settings }: Section): DeploymentFile["documents"] {
  return hasSecret(settings, "MONGODB_URL") ? "mongodb" : "table";
}

/** Null after a fault. */
function readToml(text: string, report: Report): Table | null {
  try {
    return parse(text);
  } catch (error) {
    if (!(error instanceof TomlError)) throw error;
    report.fault(`:${String(error.line)}:${String(error.column)}`, `not TOML: ${error.message.split("\n")[0] ?? ""}`);
    return null;
  }
}

/** @param report absent: the fault is told elsewhere */
function readName({ settings, placeOf }: Section, report?: Report): DatabaseName {
  const value = asTable(settings["vars"])["DATABASE"];
  // What is no text is told of with the other variables.
  if (typeof value !== "string") return "d1";
  const name = databaseNames.find((known) => known === value);
  if (name !== undefined) return name;
  const hint = didYouMean(value, databaseNames);
  const expected = databaseNames.map((known) => `"${known}"`).join(", ");
  report?.fault(placeOf("DATABASE"), `${JSON.stringify(value)} is no database; expected one of ${expected}${hint}`);
  return "d1";
}

const readFileApi = ({ settings }: Section): boolean => asTable(settings["vars"])["FILE_API"] === "on";

/** What the database cannot do without; bindings are not inherited by environments, nor are secrets' names. */
function checkCapabilities(database: DatabaseName, { settings, place }: Section, report: Report): void {
  const chosen = `DATABASE is ${database}, but`;
  switch (database) {
    case "d1":
      if (hasBinding(settings["d1_databases"], d1Binding)) return;
      report.fault(`${place}/d1_databases`, `${chosen} there is no [[d1_databases]] with binding = "${d1Binding}"`);
      return;
    case "hyperdrive":
      if (hasBinding(settings["hyperdrive"], hyperdriveBinding)) return;
      report.fault(`${place}/hyperdrive`, `${chosen} there is no [[hyperdrive]] with binding = "${hyperdriveBinding}"`);
      return;
    case "neon":
      if (hasSecret(settings, "DATABASE_URL")) return;
      report.fault(`${place}/secrets/required`, `${chosen} "DATABASE_URL" is not among the required secrets`);
      return;
    default:
      database satisfies never;
  }
}

function readVariables({ settings, placeOf }: Section): Variable[] {
  const variables = Object.entries(asTable(settings["vars"]));
  return variables.map(([name, value]) => ({ name, value, place: placeOf(name) }));
}

function readMaxRequestBytes(sections: readonly Section[]): number | null {
  const values = sections
    .map(({ settings }) => Number(asTable(settings["vars"])["MAX_REQUEST_BYTES"]))
    .filter((value) => value > 0);
  return values.length === 0 ? null : Math.min(...values);
}

/** Queues that the Worker both sends to and reads, by binding, and its triggers. */
function readCapabilities({ settings }: Section): JobCapabilities {
  const { producers, consumers } = asTable(settings["queues"]);
  const entries = (list: unknown) => (Array.isArray(list) ? list.map(asTable) : []);
  const consumed = new Set(entries(consumers).map((entry) => entry["queue"]));
  const queues = entries(producers).flatMap((entry) =>
    consumed.has(entry["queue"]) ? [String(entry["binding"])] : [],
  );
  const crons = asTable(settings["triggers"])["crons"];
  return { queues, crons: Array.isArray(crons) ? crons.map(String) : [] };
}

function readDeclared({ settings, name }: Section): DeclaredNames {
  const names = [...Object.keys(asTable(settings["vars"])), ...requiredSecrets(settings)];
  return { environment: name, names: new Set(names) };
}

/** The section that is built: of the environment, else the top level. Faults leave the top level. */
function choose(top: Section, environments: readonly Section[], name: string | null, report: Report): Section {
  if (name === null || name === "") return top;
  const chosen = environments.find((section) => section.name === name);
  if (chosen !== undefined) return chosen;
  const known = environments.flatMap((section) => section.name ?? []);
  report.fault("/env", `there is no environment "${name}"${didYouMean(name, known)}`);
  return top;
}

/** There is one build: what it is made of may not differ from the top level's. */
function checkAgreement(top: Section, environments: readonly Section[], report: Report): void {
  const [database, fileApi, documents] = [readName(top), readFileApi(top), readDocuments(top)];
  const remedy = "set CLOUDFLARE_ENV for wrangler (empty for the top level), or pass --env";
  const word = (isOn: boolean) => (isOn ? "on" : "off");
  for (const other of environments) {
    const theirs = readName(other, report);
    if (theirs !== database) {
      const difference = `DATABASE is ${theirs}, the top level's is ${database}`;
      report.fault(other.placeOf("DATABASE"), `${difference}: ${remedy}`);
    }
    if (readFileApi(other) !== fileApi) {
      const difference = `FILE_API is ${word(!fileApi)}, the top level's is ${word(fileApi)}`;
      report.fault(other.placeOf("FILE_API"), `${difference}: ${remedy}`);
    }
    if (readDocuments(other) === documents) continue;
    const which = documents === "mongodb" ? "only the top level has" : "the top level has not";
    report.fault(`${other.place}/secrets/required`, `${which} the secret MONGODB_URL: ${remedy}`);
  }
}

/**
 * @param text of wrangler.toml
 * @param environment the environment that is built, as in CLOUDFLARE_ENV; empty = the top level; null = nobody says,
 *   and then all of them have to agree on the database, for there is one build
 */
export function readDeployment(text: string, environment: string | null, report: Report): DeploymentFile {
  const written = readToml(text, report);
  const placing = (path: readonly string[]) => (variable: string) => {
    const place = [...path, "vars", variable];
    return placeOfKey(text, place) ?? place.map(pointerStep).join("");
  };
  const top: Section = { settings: written ?? {}, name: null, place: "", placeOf: placing([]) };
  const environments = Object.entries(asTable(top.settings["env"])).map(([name, settings]): Section => ({
    settings: asTable(settings),
    name,
    place: `/env${pointerStep(name)}`,
    placeOf: placing(["env", name]),
  }));
  const section = choose(top, environments, environment, report);
  const database = readName(section, report);
  checkCapabilities(database, section, report);
  const documents = readDocuments(section);
  const fileApi = readFileApi(section);
  const built = environment === null ? [top, ...environments] : [section];
  const variables = built.flatMap(readVariables);
  checkValues(variables, report);
  if (environment === null) checkAgreement(section, environments, report);
  return {
    database,
    maxRequestBytes: readMaxRequestBytes([top, ...environments]),
    capabilities: readCapabilities(section),
    fileApi,
    documents,
    variables,
    declared: written === null ? [] : built.map(readDeclared),
  };
}
