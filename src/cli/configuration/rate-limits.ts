/** What `rate_limit` needs of wrangler's configuration: a binding, and the life of the class that it names. */
import { rateLimiterClass, rateLimitsBinding } from "../../contract/bindings.ts";
import type { CompiledEndpoint } from "../../compiler/compile.ts";
import type { Report } from "../../compiler/text/diagnostic.ts";
import { asTable, asTables, type Section, type Table } from "./configuration.ts";

/** The binding of one environment. */
export interface Counting {
  /** Null = the top level. */
  readonly environment: string | null;
  /** Of the entry, or of the list that lacks it. */
  readonly place: string;
  /** The class that the entry names; null = there is no entry. */
  readonly className: string | null;
  /** How the class is kept; `elsewhere`: by another Worker. Null: nothing makes it. */
  readonly storage: "sqlite" | "other" | "elsewhere" | null;
  /** The class' life is told by `exports`, which stands in for `migrations`; an environment's own take the top level's place. */
  readonly life: "migrations" | "exports";
  readonly hasOwnLife: boolean;
}

const listed = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : []);

/** By the last migration that speaks of it. */
function storageByMigrations(migrations: unknown, name: string): Counting["storage"] {
  return asTables(migrations).reduce<Counting["storage"]>((storage, migration) => {
    const isOf = (list: string) => listed(migration[list]).includes(name);
    const isIn = (list: string, member: "from" | "to") =>
      asTables(migration[list]).some((entry) => entry[member] === name);
    if (isOf("new_sqlite_classes")) return "sqlite";
    if (isIn("renamed_classes", "to") || isIn("transferred_classes", "to")) return "sqlite";
    if (isOf("new_classes")) return "other";
    return isOf("deleted_classes") || isIn("renamed_classes", "from") ? null : storage;
  }, null);
}

function storageByExports(exports: Table, name: string): Counting["storage"] {
  const { type, storage } = asTable(exports[name]);
  if (type !== "durable-object") return null;
  return storage === "sqlite" ? "sqlite" : "other";
}

const keepsObjects = (exports: unknown): boolean =>
  Object.values(asTable(exports)).some((entry) => asTable(entry)["type"] === "durable-object");

/** @param top whose migrations and exports are inherited, unlike bindings */
export function readCounting(section: Section, top: Section): Counting {
  const { settings, name: environment, placeOf } = section;
  const entries = asTables(asTable(settings["durable_objects"])["bindings"]);
  const index = entries.findIndex((entry) => entry["name"] === rateLimitsBinding);
  const entry = entries[index] ?? null;
  const className = entry === null ? null : String(entry["class_name"]);
  const lifeOf = (key: "migrations" | "exports") => settings[key] ?? top.settings[key];
  const life = keepsObjects(lifeOf("exports")) ? "exports" : "migrations";
  const name = className ?? rateLimiterClass;
  const storage =
    life === "exports"
      ? storageByExports(asTable(lifeOf("exports")), name)
      : storageByMigrations(lifeOf("migrations"), name);
  return {
    environment,
    place: index < 0 ? placeOf("durable_objects") : placeOf("durable_objects", "bindings", index),
    className,
    storage: entry?.["script_name"] === undefined ? storage : "elsewhere",
    life,
    hasOwnLife: environment !== null && settings[life] !== undefined,
  };
}

export const isBound = ({ className }: Counting): boolean => className !== null;

/** Reports what is missing for the endpoints that have a `rate_limit`, and what none of them needs. */
export function checkCounting(
  { file, counting }: { readonly file: string; readonly counting: readonly Counting[] },
  endpoints: readonly CompiledEndpoint[],
  report: Report,
): void {
  const limited = endpoints.find(({ plan }) => plan?.rateLimit !== undefined);
  const lacksLife = counting.some(({ environment, storage }) => environment === null && storage === null);
  const isLifeTold = ({ environment, hasOwnLife }: Counting) => lacksLife && environment !== null && !hasOwnLife;
  for (const one of counting) {
    if (limited !== undefined) checkNeeded(one, { abi: limited.file, file, isLifeTold: isLifeTold(one) }, report);
    // An ABI with faults may have one.
    else if (isBound(one) && endpoints.every(({ plan }) => plan !== null)) {
      report.warn(one.place, `no ABI has a rate_limit, for which there is ${rateLimitsBinding}`);
    }
  }
}

interface Asking {
  /** The ABI that needs it. */
  readonly abi: string;
  readonly file: string;
  /** The life of the class is told of at the top level, which this environment inherits. */
  readonly isLifeTold: boolean;
}

function checkNeeded(one: Counting, { abi, file, isLifeTold }: Asking, report: Report): void {
  const { className, storage, place, life } = one;
  const name = className ?? rateLimiterClass;
  if (storage === "other") {
    report.fault(place, `the class ${name} must be kept in SQLite: name it in new_sqlite_classes, not in new_classes`);
    return;
  }
  const parts = [
    ...(className === null ? [bindingPart] : []),
    ...(storage === null && !isLifeTold ? [lifeParts[life](name)] : []),
  ];
  if (parts.length === 0) return;
  const what =
    className === null
      ? `${abi} has a rate_limit: calls are counted in Durable Objects, and none are bound as ${rateLimitsBinding}`
      : `${rateLimitsBinding} is bound to the class ${name}, which nothing makes`;
  const print = file.endsWith(".toml") ? asToml : asJson;
  report.fault(place, `${what}. Add${print(parts, one)}`);
}

/** Something to add to the configuration: a member, with the list or the table that it holds. */
interface Part {
  readonly path: readonly string[];
  readonly isList: boolean;
  readonly members: Readonly<Record<string, string | readonly string[]>>;
  readonly isLife: boolean;
}

const bindingPart: Part = {
  path: ["durable_objects", "bindings"],
  isList: true,
  members: { name: rateLimitsBinding, class_name: rateLimiterClass },
  isLife: false,
};

const lifeParts: Readonly<Record<Counting["life"], (name: string) => Part>> = {
  migrations: (name) => ({
    path: ["migrations"],
    isList: true,
    members: { tag: "sluice-rate-limits", new_sqlite_classes: [name] },
    isLife: true,
  }),
  exports: (name) => ({
    path: ["exports", name],
    isList: false,
    members: { type: "durable-object", storage: "sqlite" },
    isLife: true,
  }),
};

/** Bindings stand in their environment; what it inherits does not. */
function environmentOf({ isLife }: Part, { environment, hasOwnLife }: Counting): string | null {
  return isLife && !hasOwnLife ? null : environment;
}

function asToml(parts: readonly Part[], one: Counting): string {
  const blocks = parts.map((part) => {
    const environment = environmentOf(part, one);
    const path = [...(environment === null ? [] : ["env", environment]), ...part.path].join(".");
    const members = Object.entries(part.members).map(([name, value]) => `${name} = ${JSON.stringify(value)}`);
    return [part.isList ? `[[${path}]]` : `[${path}]`, ...members].join("\n");
  });
  return `:\n\n${blocks.join("\n\n")}\n`;
}

function asJson(parts: readonly Part[], one: Counting): string {
  const blocks = parts.map((part) => {
    const environment = environmentOf(part, one);
    const innermost: unknown = part.isList ? [part.members] : part.members;
    const value = part.path.reduceRight<unknown>((inner, name) => ({ [name]: inner }), innermost);
    const where = environment === null ? "" : ` to env.${environment}`;
    const lines = JSON.stringify(value, null, 2).split("\n").slice(1, -1);
    return `${where}:\n\n${lines.map((line) => line.slice(2)).join("\n")}\n`;
  });
  return blocks.join("\nand");
}
