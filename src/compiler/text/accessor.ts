/**
 * Splits a text of an ABI into plain text and accessors (`$PROTECTED.id`). What an accessor refers to, and whether
 * anything provides it, is decided by names.ts.
 */
import type { GeneratorKind } from "../../contract/plan/reference.ts";
import { didYouMean } from "./suggest.ts";

export type Accessor =
  | { readonly kind: "text"; readonly text: string }
  | { readonly kind: "PROTECTED" | "PAYLOAD"; readonly path: readonly (string | number)[] }
  | { readonly kind: "PARAM" | "QUERY" | "ENV" | "HEADER"; readonly name: string }
  | { readonly kind: "GENERATOR"; readonly generator: GeneratorKind }
  | { readonly kind: "DATETIME" };

export const generatorKinds = [
  "KSUID",
  "NANOID",
  "UUID",
  "ULID",
  "CUID2",
  "SHORTUUID",
] as const satisfies GeneratorKind[];
const accessorNames = ["PROTECTED", "PAYLOAD", "PARAM", "QUERY", "ENV", "HEADER", "GENERATOR", "DATETIME"] as const;

/** How values are called elsewhere, and here. */
const otherNames: readonly (readonly [pattern: RegExp, accessor: string])[] = [
  [/^(?:BODY|INPUT|DATA|FORM|REQUEST)$/, "$PAYLOAD.name"],
  [/^(?:CLAIMS?|TOKEN|JWT|USER|AUTH)$/, "$PROTECTED.id"],
  [/^(?:PARAMS|PATH)$/, "$PARAM.name"],
  [/^(?:QUERIES|SEARCH)$/, "$QUERY.name"],
  [/^HEADERS$/, "$HEADER.Name"],
  [/^(?:SECRETS?|VARS?|CONFIG)$/, "$ENV.NAME"],
  [/^(?:NOW|TIME|TIMESTAMP|DATE|CURRENT_TIMESTAMP)$/, "$DATETIME"],
];
const generatorPrefix = /^(?:GENERATE|GENERATOR|GEN|RANDOM|NEW)_?/;

function unknownAccessor(name: string): string {
  const upper = name.toUpperCase();
  const kind = generatorKinds.find((known) => known === upper.replace(generatorPrefix, ""));
  const other = kind === undefined ? otherNames.find(([pattern]) => pattern.test(upper))?.[1] : `$GENERATOR.${kind}`;
  if (other !== undefined) return `unknown accessor "$${name}"; write ${other}`;
  const candidates = accessorNames.map((known) => `$${known}`);
  return `unknown accessor "$${name}"; expected ${candidates.join(", ")}${didYouMean(`$${name}`, candidates)}`;
}

/** As JavaScript's templates and shells write it. */
const braces = /\$\{(\w+(?:\.\w+)*)\}/;

/** Names that lead to an object's prototype: never part of a path. */
const forbiddenNames: ReadonlySet<string> = new Set(["__proto__", "constructor", "prototype"]);

/** The message for a path that leads out of the data, or null. */
export function pathFault(path: readonly (string | number)[]): string | null {
  const forbidden = path.find((name) => forbiddenNames.has(String(name)));
  return forbidden === undefined ? null : `"${String(forbidden)}" may not be part of a path`;
}

/** `items.0.id` → `["items", 0, "id"]`. */
export function splitPath(text: string): (string | number)[] {
  return text.split(".").map((name) => (/^(?:0|[1-9]\d{0,8})$/.test(name) ? Number(name) : name));
}

const start = /\$([A-Za-z_]\w*)/g;
const paths = {
  PROTECTED: /(?:\.\w+)+/y,
  PAYLOAD: /(?:\.\w+(?:-\w+)*)+/y,
  PARAM: /\.\w+/y,
  QUERY: /\.\w+(?:-\w+)*/y,
  ENV: /\.\w+/y,
  HEADER: /\.\w+(?:-\w+)*/y,
  GENERATOR: /\.\w+/y,
} as const;

function isAccessorName(name: string): name is (typeof accessorNames)[number] {
  return accessorNames.some((known) => known === name);
}

function readAccessor(kind: keyof typeof paths, path: string): Accessor | string {
  const names = splitPath(path);
  const fault = pathFault(names);
  if (fault !== null) return fault;
  if (kind === "PROTECTED" || kind === "PAYLOAD") return { kind, path: names };
  if (kind !== "GENERATOR") return { kind, name: kind === "HEADER" ? path.toLowerCase() : path };
  const generator = generatorKinds.find((known) => known === path);
  if (generator !== undefined) return { kind, generator };
  return `unknown generator "$GENERATOR.${path}"; expected ${generatorKinds.join(", ")}${didYouMean(path, generatorKinds)}`;
}

/**
 * The parts of a text in order, neighbouring plain text joined; a text without accessors is one text part. A `$` that
 * no letter follows is plain. Faults are returned as messages; the parts are then incomplete.
 */
export function parseAccessors(source: string): { parts: Accessor[]; faults: string[] } {
  const parts: Accessor[] = [];
  const faults: string[] = [];
  let end = 0;
  const template = braces.exec(source);
  if (template !== null) {
    const [text, name = ""] = template;
    const accessor = isAccessorName(name.split(".")[0] ?? "") ? name : `PAYLOAD.${name}`;
    return { parts, faults: [`"${text}" is no value; write $${accessor}`] };
  }
  for (const found of source.matchAll(start)) {
    if (found.index < end) continue;
    if (found.index > end) parts.push({ kind: "text", text: source.slice(end, found.index) });
    const name = found[1] ?? "";
    end = found.index + found[0].length;
    if (!isAccessorName(name)) {
      faults.push(unknownAccessor(name));
      continue;
    }
    if (name === "DATETIME") {
      parts.push({ kind: name });
      continue;
    }
    const pattern = paths[name];
    pattern.lastIndex = end;
    const path = pattern.exec(source)?.[0] ?? "";
    end += path.length;
    if (path === "" && name === "PAYLOAD") {
      parts.push({ kind: name, path: [] });
    } else if (path === "") {
      faults.push(`"$${name}" needs a name: $${name}.${name === "GENERATOR" ? "NANOID" : "name"}`);
    } else {
      const accessor = readAccessor(name, path.slice(1));
      if (typeof accessor === "string") faults.push(accessor);
      else parts.push(accessor);
    }
  }
  if (end < source.length || source === "") parts.push({ kind: "text", text: source.slice(end) });
  return { parts, faults };
}
