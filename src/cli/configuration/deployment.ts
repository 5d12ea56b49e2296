/**
 * What the compiler and the commands need to know of wrangler's configuration: the chosen database, the limit of a
 * request's body, queues and triggers, secrets, and what `$ENV` may name.
 */
import { d1Binding, hyperdriveBinding } from "../../contract/bindings.ts";
import { buildChoices, choices } from "../../contract/settings.ts";
import { databaseNames, type DatabaseName } from "../../contract/database-names.ts";
import type { JobCapabilities } from "../../compiler/endpoint/background.ts";
import { createReport, type Report } from "../../compiler/text/diagnostic.ts";
import type { DeclaredNames } from "../../compiler/values/declared-names.ts";
import { asTable, asTables, readConfiguration, type Section, type SettingPath, type Table } from "./configuration.ts";
import type { ConfigurationFile } from "./file.ts";
import { readObjects, type BoundObjects } from "./durable-objects.ts";
import { checkValues, type Variable } from "./variables.ts";
import { didYouMean } from "../../compiler/text/suggest.ts";

export interface DeploymentFile {
  /** Its name. */
  readonly file: string;
  readonly database: DatabaseName;
  /** MAX_REQUEST_BYTES: the least, where several environments set it; null when none does. */
  readonly maxRequestBytes: number | null;
  readonly capabilities: JobCapabilities;
  /** Durable Objects, in each environment that the build is for; empty where the file cannot be read. */
  readonly objects: readonly BoundObjects[];
  /** FILE_API is on. */
  readonly fileApi: boolean;
  /** FILE_API_THUMBNAILS names some. */
  readonly fileApiThumbnails: boolean;
  /** FILE_API_QUOTA limits something. */
  readonly fileApiQuota: boolean;
  /** FILE_API_RESUMABLE is true, and FILE_API is on. */
  readonly fileApiResumable: boolean;
  /** OPENAPI is on. */
  readonly openApi: boolean;
  /** `mongodb` where the secret MONGODB_URL is declared; else documents are rows of the database. */
  readonly documents: "table" | "mongodb";
  /** What stands under `vars`, of each environment that the build is for. */
  readonly variables: readonly Variable[];
  /** What `$ENV` may name, in each environment that the build is for; empty where the file cannot be read. */
  readonly declared: readonly DeclaredNames[];
  /** The required secrets of the environment that is built; `everySecret`: of any. */
  readonly secrets: readonly string[];
  readonly everySecret: readonly string[];
  /** Null where the chosen database has no binding, as Neon. */
  readonly bound: BoundDatabase | null;
  /** The Worker's module, from the file's folder; null where there is none, or not all of it is bundled by wrangler. */
  readonly main: string | null;
  /** From the file's folder; null where there are none. */
  readonly assetsFolder: string | null;
}

/** The entry that binds the chosen database: of `d1_databases`, or of `hyperdrive`. */
export interface BoundDatabase {
  /** Null where nobody has written one. */
  readonly id: string | null;
  /** The entry's member that has it. */
  readonly idName: "database_id" | "id";
  /** `database_name` of D1. */
  readonly name: string | null;
  /** Of the id, or of the entry. */
  readonly place: string;
}

function requiredSecrets(settings: Table): string[] {
  const required = asTable(settings["secrets"])["required"];
  return Array.isArray(required) ? required.map(String) : [];
}

const hasSecret = (settings: Table, name: string): boolean => requiredSecrets(settings).includes(name);

function readDocuments({ settings }: Section): DeploymentFile["documents"] {
  return hasSecret(settings, "MONGODB_URL") ? "mongodb" : "table";
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
  report?.fault(
    placeOf("vars", "DATABASE"),
    `${JSON.stringify(value)} is no database; expected one of ${expected}${hint}`,
  );
  return "d1";
}

/** Settings that decide what is bundled, and the two words that each knows; null: it is enough that it says something. */
const buildSwitches = { FILE_API: choices.FILE_API, FILE_API_THUMBNAILS: null, FILE_API_QUOTA: null, ...buildChoices };
type BuildSwitch = keyof typeof buildSwitches;
const wordsOf = (name: BuildSwitch): readonly string[] => (buildSwitches[name] ?? "not set|set").split("|");

function isOn({ settings }: Section, name: BuildSwitch): boolean {
  const value = asTable(settings["vars"])[name];
  return buildSwitches[name] === null ? textOf(value) !== null : value === wordsOf(name)[1];
}

interface Binding {
  readonly list: "d1_databases" | "hyperdrive";
  readonly binding: string;
  readonly idName: BoundDatabase["idName"];
}

const bindings: Readonly<Record<DatabaseName, Binding | null>> = {
  d1: { list: "d1_databases", binding: d1Binding, idName: "database_id" },
  hyperdrive: { list: "hyperdrive", binding: hyperdriveBinding, idName: "id" },
  neon: null,
};

/** What the database cannot do without; bindings are not inherited by environments, nor are secrets' names. */
function readBound(database: DatabaseName, { settings, placeOf }: Section, report: Report): BoundDatabase | null {
  const bound = bindings[database];
  const chosen = `DATABASE is ${database}, but`;
  if (bound === null) {
    if (hasSecret(settings, "DATABASE_URL")) return null;
    report.fault(placeOf("secrets", "required"), `${chosen} "DATABASE_URL" is not among the required secrets`);
    return null;
  }
  const { list, binding, idName } = bound;
  const entries = asTables(settings[list]);
  const index = entries.findIndex((entry) => entry["binding"] === binding);
  const entry = entries[index];
  if (entry === undefined) {
    report.fault(placeOf(list), `${chosen} ${list} has no entry with the binding "${binding}"`);
    return null;
  }
  const [id, name] = [textOf(entry[idName]), textOf(entry["database_name"])];
  return { id, idName, name, place: id === null ? placeOf(list, index) : placeOf(list, index, idName) };
}

const textOf = (value: unknown): string | null => (typeof value === "string" && value !== "" ? value : null);

function readVariables({ settings, placeOf }: Section): Variable[] {
  const variables = Object.entries(asTable(settings["vars"]));
  return variables.map(([name, value]) => ({ name, value, place: placeOf("vars", name) }));
}

function readMaxRequestBytes(sections: readonly Section[]): number | null {
  const values = sections
    .map(({ settings }) => Number(asTable(settings["vars"])["MAX_REQUEST_BYTES"]))
    .filter((value) => value > 0);
  return values.length === 0 ? null : Math.min(...values);
}

/** Queues that the Worker both sends to and reads, by binding, and its triggers, which an environment may inherit. */
function readCapabilities({ settings }: Section, triggers: unknown): JobCapabilities {
  const { producers, consumers } = asTable(settings["queues"]);
  const consumed = new Set(asTables(consumers).map((entry) => entry["queue"]));
  const queues = asTables(producers).flatMap((entry) =>
    consumed.has(entry["queue"]) ? [String(entry["binding"])] : [],
  );
  const { crons } = asTable(triggers);
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
  const [database, documents] = [readName(top), readDocuments(top)];
  const remedy = "set CLOUDFLARE_ENV for wrangler (empty for the top level), or pass --env";
  for (const other of environments) {
    const theirs = readName(other, report);
    if (theirs !== database) {
      const difference = `DATABASE is ${theirs}, the top level's is ${database}`;
      report.fault(other.placeOf("vars", "DATABASE"), `${difference}: ${remedy}`);
    }
    for (const name of Object.keys(buildSwitches) as BuildSwitch[]) {
      const [theirs, ours] = [isOn(other, name), isOn(top, name)];
      if (theirs === ours) continue;
      const words = wordsOf(name);
      const difference = `${name} is ${words[Number(theirs)]}, the top level's is ${words[Number(ours)]}`;
      report.fault(other.placeOf("vars", name), `${difference}: ${remedy}`);
    }
    if (readDocuments(other) === documents) continue;
    const which = documents === "mongodb" ? "only the top level has" : "the top level has not";
    report.fault(other.placeOf("secrets", "required"), `${which} the secret MONGODB_URL: ${remedy}`);
  }
}

/**
 * @param environment the environment that is built, as in CLOUDFLARE_ENV; empty = the top level; null = nobody says,
 *   and then all of them have to agree on the database, for there is one build
 */
export function readDeployment(file: ConfigurationFile, environment: string | null, told: Report): DeploymentFile {
  const written = readConfiguration(file, told);
  // What a file lacks that cannot be read is no fault of its own.
  const report = written === null ? createReport(file.name, []) : told;
  const placing =
    (...section: SettingPath) =>
    (...path: SettingPath) =>
      written?.placeOf([...section, ...path]) ?? "";
  const top: Section = { settings: written?.settings ?? {}, name: null, placeOf: placing() };
  const environments = Object.entries(asTable(top.settings["env"])).map(([name, settings]): Section => ({
    settings: asTable(settings),
    name,
    placeOf: placing("env", name),
  }));
  const section = choose(top, environments, environment, report);
  const database = readName(section, report);
  const bound = readBound(database, section, report);
  const documents = readDocuments(section);
  // https://developers.cloudflare.com/workers/wrangler/configuration/#inheritable-keys
  const inherited = (key: string) => section.settings[key] ?? top.settings[key];
  const isBundled = !["no_bundle", "find_additional_modules"].some((key) => inherited(key) === true);
  const built = environment === null ? [top, ...environments] : [section];
  const variables = built.flatMap(readVariables);
  checkValues(variables, report);
  if (environment === null) checkAgreement(section, environments, report);
  return {
    file: file.name,
    database,
    bound,
    secrets: requiredSecrets(section.settings),
    everySecret: [...new Set([top, ...environments].flatMap(({ settings }) => requiredSecrets(settings)))],
    maxRequestBytes: readMaxRequestBytes([top, ...environments]),
    capabilities: readCapabilities(section, inherited("triggers")),
    objects: written === null ? [] : built.flatMap((one) => readObjects(one, top)),
    fileApi: isOn(section, "FILE_API"),
    fileApiThumbnails: isOn(section, "FILE_API_THUMBNAILS"),
    fileApiQuota: isOn(section, "FILE_API_QUOTA"),
    fileApiResumable: isOn(section, "FILE_API") && isOn(section, "FILE_API_RESUMABLE"),
    openApi: isOn(section, "OPENAPI"),
    documents,
    variables,
    declared: written === null ? [] : built.map(readDeclared),
    main: isBundled ? textOf(inherited("main")) : null,
    assetsFolder: textOf(asTable(inherited("assets"))["directory"]),
  };
}
