/** What Durable Objects need of wrangler's configuration: a binding, and the life of the class that it names. */
import { durableObjects, type ObjectFeature } from "../../contract/bindings.ts";
import { featureUses } from "../../contract/features.ts";
import type { CompiledEndpoint } from "../../compiler/compile.ts";
import type { Report } from "../../compiler/text/diagnostic.ts";
import { asTable, asTables, type Section, type Table } from "./configuration.ts";

/** How faults speak of them: what an ABI has that needs them, and what they are for. */
const words: Readonly<
  Record<ObjectFeature, { readonly asks: string; readonly purpose: string; readonly tag: string }>
> = {
  rateLimits: {
    asks: "has a rate_limit",
    purpose: "calls are counted in Durable Objects",
    tag: "sluice-rate-limits",
  },
  resumable: {
    asks: "is resumable",
    purpose: "files that come in pieces go through Durable Objects",
    tag: "sluice-resumable-uploads",
  },
};

const features = Object.keys(durableObjects) as ObjectFeature[];

/** The binding of one feature's objects, in one environment. */
export interface BoundObjects {
  readonly feature: ObjectFeature;
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
function storageByMigrations(migrations: unknown, name: string): BoundObjects["storage"] {
  return asTables(migrations).reduce<BoundObjects["storage"]>((storage, migration) => {
    const isOf = (list: string) => listed(migration[list]).includes(name);
    const isIn = (list: string, member: "from" | "to") =>
      asTables(migration[list]).some((entry) => entry[member] === name);
    if (isOf("new_sqlite_classes")) return "sqlite";
    if (isIn("renamed_classes", "to") || isIn("transferred_classes", "to")) return "sqlite";
    if (isOf("new_classes")) return "other";
    return isOf("deleted_classes") || isIn("renamed_classes", "from") ? null : storage;
  }, null);
}

function storageByExports(exports: Table, name: string): BoundObjects["storage"] {
  const { type, storage } = asTable(exports[name]);
  if (type !== "durable-object") return null;
  return storage === "sqlite" ? "sqlite" : "other";
}

const keepsObjects = (exports: unknown): boolean =>
  Object.values(asTable(exports)).some((entry) => asTable(entry)["type"] === "durable-object");

/** @param top whose migrations and exports are inherited, unlike bindings */
export const readObjects = (section: Section, top: Section): readonly BoundObjects[] =>
  features.map((feature) => readOne(feature, section, top));

function readOne(feature: ObjectFeature, section: Section, top: Section): BoundObjects {
  const { settings, name: environment, placeOf } = section;
  const { binding, className: usual } = durableObjects[feature];
  const entries = asTables(asTable(settings["durable_objects"])["bindings"]);
  const index = entries.findIndex((entry) => entry["name"] === binding);
  const entry = entries[index] ?? null;
  const className = entry === null ? null : String(entry["class_name"]);
  const lifeOf = (key: "migrations" | "exports") => settings[key] ?? top.settings[key];
  const life = keepsObjects(lifeOf("exports")) ? "exports" : "migrations";
  const name = className ?? usual;
  const storage =
    life === "exports"
      ? storageByExports(asTable(lifeOf("exports")), name)
      : storageByMigrations(lifeOf("migrations"), name);
  return {
    feature,
    environment,
    place: index < 0 ? placeOf("durable_objects") : placeOf("durable_objects", "bindings", index),
    className,
    storage: entry?.["script_name"] === undefined ? storage : "elsewhere",
    life,
    hasOwnLife: environment !== null && settings[life] !== undefined,
  };
}

export const isBound = ({ className }: BoundObjects): boolean => className !== null;

/** What wrangler's configuration says of objects. */
interface Configured {
  readonly file: string;
  readonly objects: readonly BoundObjects[];
  readonly fileApiResumable: boolean;
}

/** Reports what is missing for the endpoints and the settings that need objects, and what none of them needs. */
export function checkObjects(
  { file, objects, fileApiResumable }: Configured,
  endpoints: readonly CompiledEndpoint[],
  report: Report,
): void {
  for (const feature of features) {
    const own = objects.filter((one) => one.feature === feature);
    const setting = feature === "resumable" && fileApiResumable ? "FILE_API_RESUMABLE is true" : null;
    checkFeature(feature, { file, own, setting }, endpoints, report);
  }
}

function checkFeature(
  feature: ObjectFeature,
  { file, own, setting }: { file: string; own: readonly BoundObjects[]; setting: string | null },
  endpoints: readonly CompiledEndpoint[],
  report: Report,
): void {
  const endpoint = endpoints.find(({ plan }) => plan !== null && featureUses[feature](plan));
  const asking = endpoint === undefined ? setting : `${endpoint.file} ${words[feature].asks}`;
  const lacksLife = own.some(({ environment, storage }) => environment === null && storage === null);
  const isLifeTold = ({ environment, hasOwnLife }: BoundObjects) => lacksLife && environment !== null && !hasOwnLife;
  for (const one of own) {
    if (asking !== null) checkNeeded(one, { asking, file, isLifeTold: isLifeTold(one) }, report);
    // An ABI with faults may need them.
    else if (isBound(one) && endpoints.every(({ plan }) => plan !== null)) {
      report.warn(one.place, `no ABI ${words[feature].asks}, for which there is ${durableObjects[feature].binding}`);
    }
  }
}

interface Asking {
  /** Who needs it, and why. */
  readonly asking: string;
  readonly file: string;
  /** The life of the class is told of at the top level, which this environment inherits. */
  readonly isLifeTold: boolean;
}

function checkNeeded(one: BoundObjects, { asking, file, isLifeTold }: Asking, report: Report): void {
  const { feature, className, storage, place, life } = one;
  const { binding, className: usual } = durableObjects[feature];
  const { purpose, tag } = words[feature];
  const name = className ?? usual;
  if (storage === "other") {
    report.fault(place, `the class ${name} must be kept in SQLite: name it in new_sqlite_classes, not in new_classes`);
    return;
  }
  const parts = [
    ...(className === null ? [bindingPart(binding, usual)] : []),
    ...(storage === null && !isLifeTold ? [lifeParts[life](name, tag)] : []),
  ];
  if (parts.length === 0) return;
  const what =
    className === null
      ? `${asking}: ${purpose}, and none are bound as ${binding}`
      : `${binding} is bound to the class ${name}, which nothing makes`;
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

const bindingPart = (name: string, className: string): Part => ({
  path: ["durable_objects", "bindings"],
  isList: true,
  members: { name, class_name: className },
  isLife: false,
});

const lifeParts: Readonly<Record<BoundObjects["life"], (name: string, tag: string) => Part>> = {
  migrations: (name, tag) => ({
    path: ["migrations"],
    isList: true,
    members: { tag, new_sqlite_classes: [name] },
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
function environmentOf({ isLife }: Part, { environment, hasOwnLife }: BoundObjects): string | null {
  return isLife && !hasOwnLife ? null : environment;
}

function asToml(parts: readonly Part[], one: BoundObjects): string {
  const blocks = parts.map((part) => {
    const environment = environmentOf(part, one);
    const path = [...(environment === null ? [] : ["env", environment]), ...part.path].join(".");
    const members = Object.entries(part.members).map(([name, value]) => `${name} = ${JSON.stringify(value)}`);
    return [part.isList ? `[[${path}]]` : `[${path}]`, ...members].join("\n");
  });
  return `:\n\n${blocks.join("\n\n")}\n`;
}

function asJson(parts: readonly Part[], one: BoundObjects): string {
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
