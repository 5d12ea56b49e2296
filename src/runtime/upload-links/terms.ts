/** What an upload link allows: read from whoever asks for one, and laid over the plan of the endpoint that it is for. */
import { mediaTypes } from "../../contract/media-types.ts";
import type { Json, Plan } from "../../contract/plan.ts";
import type { FileRules, UploadLinkBounds, UploadStep } from "../../contract/plan/files.ts";
import { rulesOf } from "../../contract/plan/file-rules.ts";
import { Problem } from "../../contract/problem.ts";
import type { Identity } from "../auth/caller.ts";
import { readAddress } from "../client-address.ts";
import { canonicalType, isListed } from "../media/media-type.ts";

/** The limits that a link has besides those of its endpoint. Absent: none. */
export interface LinkLimits {
  /** Of one file. */
  readonly maxBytes?: number;
  readonly types?: readonly string[];
  readonly maxFiles?: number;
  /** Fields of the form that every upload has. */
  readonly fields?: Readonly<Record<string, string>>;
  /** The only address that uploads come from, as `readAddress` writes it. */
  readonly ip?: string;
}

/** All that a link says, sealed. How often it may be used is in its row. */
export interface SealedTerms extends LinkLimits, Pick<Identity, "claims"> {
  readonly id: string;
  readonly endpoint: string;
  readonly method: LinkMethod;
  /** Below where the app is mounted. */
  readonly path: string;
  /** The query string, without the link; empty: none. */
  readonly query: string;
  /** RFC 3339. */
  readonly expiresAt: string;
  /** Who asked for it: all is theirs. */
  readonly caller: string;
}

export type LinkMethod = "POST" | "PUT";

export interface AskedLink {
  /** Null: whichever the endpoint takes. */
  readonly method: LinkMethod | null;
  readonly lifeSeconds: number;
  readonly maxUploads: number;
  readonly limits: LinkLimits;
}

/** A step whose endpoint gives links. */
export type LinkedStep = UploadStep & { readonly links: UploadLinkBounds };

export const linkedStep = ({ steps }: Plan): LinkedStep | undefined =>
  steps.find((step): step is LinkedStep => step.mode === "upload" && step.links !== undefined);

const DEFAULT_SECONDS = 3600;
const MAX_TYPES = 100;
const KNOWN = ["method", "expires", "max_uploads", "max_bytes", "types", "max_files", "fields", "ip"];

/** @throws Problem `payload_invalid` */
export function readAsked(payload: Json, step: LinkedStep): AskedLink {
  const asked = readObject(payload ?? {}, "body");
  const unknown = Object.keys(asked).find((name) => !KNOWN.includes(name));
  if (unknown !== undefined) throw refuse(unknown.slice(0, 60), `is unknown; known are ${KNOWN.join(", ")}`);
  // As answers write what was not asked for.
  const given = Object.fromEntries(Object.entries(asked).filter(([, value]) => value !== null));
  const { method = null, expires, max_uploads: uploads, max_bytes: bytes, max_files: files, ...more } = given;
  if (method !== null && method !== "POST" && method !== "PUT") throw refuse("method", 'must be "POST" or "PUT"');
  const { maxUploads, maxLifeSeconds } = step.links;
  const mostBytes = Math.max(...rulesOf<FileRules>(step).map(({ maxFileBytes }) => maxFileBytes));
  const whole = (name: string, value: Json, least: number, most: number): number => {
    if (typeof value === "number" && Number.isInteger(value) && value >= least && value <= most) return value;
    throw refuse(name, `must be a whole number from ${least} to ${most}`);
  };
  return {
    method,
    lifeSeconds:
      expires === undefined ? Math.min(DEFAULT_SECONDS, maxLifeSeconds) : whole("expires", expires, 1, maxLifeSeconds),
    maxUploads: uploads === undefined ? 1 : whole("max_uploads", uploads, 1, maxUploads),
    limits: {
      ...(bytes === undefined ? {} : { maxBytes: whole("max_bytes", bytes, 1, mostBytes) }),
      ...(files === undefined ? {} : { maxFiles: whole("max_files", files, leastFiles(step), step.maxFiles) }),
      ...(more["types"] === undefined ? {} : { types: readTypes(more["types"], step) }),
      ...(more["fields"] === undefined ? {} : { fields: readFields(more["fields"]) }),
      ...(more["ip"] === undefined ? {} : { ip: readIp(more["ip"]) }),
    },
  };
}

const leastFiles = ({ fields, minFiles = 1 }: UploadStep): number =>
  Math.max(1, fields?.list.reduce((sum, field) => sum + field.minFiles, 0) ?? minFiles);

function readObject(value: Json, name: string): { readonly [name: string]: Json } {
  if (typeof value === "object" && value !== null && !Array.isArray(value)) {
    return value as { readonly [name: string]: Json };
  }
  throw refuse(name, "must be a JSON object");
}

function readTypes(value: Json, step: UploadStep): readonly string[] {
  if (!Array.isArray(value) || value.length === 0 || value.length > MAX_TYPES) {
    throw refuse("types", `must be a list of 1 to ${MAX_TYPES} media types`);
  }
  const wanted = value.map((one: Json) => {
    const type = typeof one === "string" ? canonicalType(one) : "";
    if (rulesOf<FileRules>(step).some(({ types }) => covers(types, type))) return type;
    const allowed = [...new Set(rulesOf<FileRules>(step).flatMap(({ types }) => types))];
    throw refuse("types", `may only have what the endpoint takes: ${allowed.join(", ")}`);
  });
  const closed = step.fields?.list.find(({ minFiles, types }) => minFiles > 0 && common(types, wanted).length === 0);
  if (closed !== undefined) throw refuse("types", `leaves no type for "${closed.name}", which has to be sent`);
  return wanted;
}

function readFields(value: Json): Readonly<Record<string, string>> {
  const fields = readObject(value, "fields");
  for (const [name, text] of Object.entries(fields)) {
    if (typeof text !== "string" || name === "") throw refuse("fields", "must be texts by the names of fields");
  }
  return fields as Readonly<Record<string, string>>;
}

function readIp(value: Json): string {
  const address = typeof value === "string" ? readAddress(value) : null;
  if (address === null) throw refuse("ip", "must be one IPv4 or IPv6 address");
  return address;
}

/** Whether every file that the pattern takes is one that the list takes. What no bytes can prove is covered by its name alone. */
function covers(list: readonly string[], pattern: string): boolean {
  return pattern.endsWith("/*")
    ? list.includes("*/*") || list.includes(pattern)
    : pattern !== "" && isListed(pattern, list, !mediaTypes.has(pattern));
}

/** Of two lists, what both take. */
const common = (list: readonly string[], other: readonly string[]): readonly string[] => [
  ...new Set([...list.filter((type) => covers(other, type)), ...other.filter((type) => covers(list, type))]),
];

/** The plan as calls by the link have it: no limit is wider than the endpoint's. */
export function narrow(plan: Plan, { maxBytes = Infinity, maxFiles = Infinity, types }: LinkLimits): Plan {
  const narrowed = <Rules extends FileRules>(rules: Rules): Rules => ({
    ...rules,
    maxFileBytes: Math.min(rules.maxFileBytes, maxBytes),
    maxFiles: Math.min(rules.maxFiles, maxFiles),
    types: types === undefined ? rules.types : common(rules.types, types),
  });
  const steps = plan.steps.map((step) => {
    if (step.mode !== "upload") return step;
    const { fields } = step;
    return {
      ...narrowed(step),
      ...(fields === undefined ? {} : { fields: { ...fields, list: fields.list.map(narrowed) } }),
    };
  });
  return { ...plan, steps };
}

/** @param field of the JSON @param fault what is wrong with it */
function refuse(field: string, fault: string): Problem {
  return new Problem("payload_invalid", { detail: `"${field}" ${fault}.`, members: { field } });
}
