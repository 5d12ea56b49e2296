/** What to write in place of a value that has the wrong shape: the value that its author meant, as far as one can tell. */

/** As Express and multer take them. */
const bytes: Readonly<Record<string, number>> = { b: 1, k: 1024, m: 1024 ** 2, g: 1024 ** 3 };
const seconds: Readonly<Record<string, number>> = {
  s: 1,
  m: 60,
  min: 60,
  h: 3600,
  d: 86_400,
  w: 604_800,
  y: 31_536_000,
};

/** `"20MB"` → 20971520, `"7d"` → 604800 where seconds are meant, `"2"` → 2. */
function numberFor(name: string, found: string): number | null {
  const [, amount, unit = ""] = /^(\d+(?:\.\d+)?) ?([a-z]*)$/i.exec(found.trim()) ?? [];
  if (amount === undefined) return null;
  const lower = unit.toLowerCase();
  const factor =
    name.endsWith("_size") || name === "bytes" ? bytes[lower.replace(/(?<=[kmg])i?b$/, "")] : seconds[lower];
  if (unit !== "" && factor === undefined) return null;
  return Math.round(Number(amount) * (factor ?? 1));
}

const isObject = (value: unknown): value is object => typeof value === "object" && value !== null;
const isNames = (value: unknown): value is string[] =>
  Array.isArray(value) && value.length > 0 && value.every((item) => typeof item === "string");

function listFor(name: string, found: unknown): string | null {
  if (name === "depends_on" && typeof found === "number") return JSON.stringify([dependencyOn([found])]);
  if (isObject(found)) return name === "depends_on" ? `[${JSON.stringify(found)}]` : null;
  return JSON.stringify([found]);
}

const dependencyOn = (ids: readonly number[]) => ({ resource_id: "self", action_ids: ids });

/** @param holder the name of the member that holds it */
function objectFor(name: string, holder: unknown, found: unknown): string | null {
  if (holder === "fields") {
    const types = [found].flat().filter((type) => typeof type === "string" && type.includes("/"));
    return types.length === 0 ? null : JSON.stringify({ allowed_mimetypes: types });
  }
  if (name === "fields" && isNames(found)) return JSON.stringify(Object.fromEntries(found.map((field) => [field, {}])));
  if (name === "links" && isNames(found)) return JSON.stringify({ download_url: found[0] });
  if (name === "quota" && typeof found === "number") return JSON.stringify({ bytes: found });
  if (holder === "thumbnails" && typeof found === "number") return JSON.stringify({ name: "small", max_edge: found });
  if (name === "require" && isNames(found)) return JSON.stringify({ role: found });
  return null;
}

/** Null = nobody can tell. */
function meant(expected: string, path: readonly PropertyKey[], found: unknown): string | null {
  const name = String(path.at(-1) ?? "");
  switch (expected) {
    case "int":
    case "number": {
      const number = typeof found === "string" ? numberFor(name, found) : null;
      return number === null ? null : `${String(number)}, without quotes`;
    }
    case "boolean":
      return found === "true" || found === "false" ? `${found}, without quotes` : null;
    case "array":
      return listFor(name, found);
    case "object":
    case "record":
      return objectFor(name, path.at(-2), found);
    default:
      return null;
  }
}

/** `; write …`, or nothing. @param expected as zod names the type */
export function writeInstead(expected: string, path: readonly PropertyKey[], found: unknown): string {
  const value = meant(expected, path, found);
  return value === null || value.length > 200 ? "" : `; write ${value}`;
}

/** The ids of a `depends_on` that is written as a list of them; null for any other. */
export function flatDependencies(value: unknown): string | null {
  if (!Array.isArray(value) || value.length === 0) return null;
  const ids = value.filter((id): id is number => typeof id === "number");
  return ids.length === value.length ? JSON.stringify(dependencyOn(ids)) : null;
}

/** A segment for any value, as here, in OpenAPI, in Next.js and in shells' manuals. */
const parameter = /^(?::|\{|\[|<)([A-Za-z_]\w*)[\]}>]?$/;

/** A route of kebab-case words and names that is near what was written; null where nothing is left of it. */
export function routeFor(found: unknown): string | null {
  if (typeof found !== "string") return null;
  const segments = found.split("/").map((segment) => {
    const [, name] = parameter.exec(segment) ?? [];
    return name === undefined ? kebab(segment) : `:${name}`;
  });
  const route = segments.filter((segment) => segment !== "").join("/");
  return route === "" ? null : route;
}

const kebab = (text: string): string =>
  text
    .replaceAll(/([a-z\d])([A-Z])/g, "$1-$2")
    .toLowerCase()
    .split(/[^a-z\d]+/)
    .filter((word) => word !== "")
    .join("-");
