/** The names that each object of the language may hold, and where a name belongs that an object does not know. */
import { hashable, hashOptions, invalidateTokenize, verifyHashable, verifyOptions } from "./account-schema.ts";
import { cronJob, queue } from "./background-schema.ts";
import { mongoQuery } from "./mongo-schema.ts";
import { rateLimit } from "./rate-limit-schema.ts";
import {
  abiSchema,
  dependency,
  extraction,
  linkedThumbnail,
  protection,
  queryActionable,
  sqlQuery,
  tokenize,
  uploadActionable,
} from "./schema.ts";
import { fileField, quota, thumbnail, linkBounds, uploads } from "./upload-schema.ts";
import { verifications, verifierShapes, webhook } from "./webhook-schema.ts";

/** Properties of the language that later versions will know, by the object they stand in. Refused by name until then. */
const laterProperties = {
  abi: ["cacheable", "broadcast_websocket_message"],
  tokenize: [],
  actionable: ["http", "cacheable", "tokenize", "broadcast_websocket_message"],
  uploads: [],
  sql_query: [],
} as const satisfies Record<string, readonly string[]>;

/** Values of the language that later versions will know. */
export const laterValues: Readonly<Record<string, readonly string[]>> = {
  mode: ["HTTPREQUEST"],
  type: ["PASETO"],
  action: ["AGGREGATE", "COUNT", "DISTINCT", "UPSERT", "REPLACE", "BULK_WRITE"],
};

/** An object of the language: the names it may hold now, and those of later versions. */
export interface ObjectNames {
  readonly known: readonly string[];
  readonly later: readonly string[];
}

/** The names of the object that a path of member names leads to. `mode` is the actionable's, where the path is in one. */
export function objectNames(path: readonly PropertyKey[], mode: unknown): ObjectNames {
  const last = path.findLast((step) => typeof step === "string");
  const verifier = Object.entries(verifierShapes).find(([name]) => name === last)?.[1];
  if (verifier !== undefined) return { known: Object.keys(verifier.shape), later: [] };
  if (path.at(-2) === "fields") return { known: Object.keys(fileField.shape), later: [] };
  if (path.at(-2) === "links") return { known: Object.keys(linkedThumbnail.shape), later: [] };
  if (last === undefined) return { known: Object.keys(abiSchema.shape), later: laterProperties.abi };
  switch (last) {
    case "tokenize":
      return { known: Object.keys(tokenize.shape), later: laterProperties.tokenize };
    case "protected":
      return { known: Object.keys(protection.shape), later: [] };
    case "rate_limit":
      return { known: Object.keys(rateLimit.shape), later: [] };
    case "quota":
      return { known: Object.keys(quota.shape), later: [] };
    case "links":
      return { known: Object.keys(linkBounds.shape), later: [] };
    case "thumbnails":
      return { known: Object.keys(thumbnail.shape), later: [] };
    case "webhook":
      return { known: Object.keys(webhook.shape), later: [] };
    case "verifications":
      return { known: Object.keys(verifications.shape), later: [] };
    case "uploads":
      return { known: Object.keys(uploads.shape), later: laterProperties.uploads };
    case "sql_query":
      return { known: Object.keys(sqlQuery.shape), later: laterProperties.sql_query };
    case "mongo_query":
      return { known: Object.keys(mongoQuery.shape), later: [] };
    case "queue":
      return { known: Object.keys(queue.shape), later: [] };
    case "cron_job":
      return { known: Object.keys(cronJob.shape), later: [] };
    case "invalidate_tokenize":
      return { known: Object.keys(invalidateTokenize.shape), later: [] };
    case "hashables":
      return { known: Object.keys(hashable.shape), later: [] };
    case "verify_hashables":
      return { known: Object.keys(verifyHashable.shape), later: [] };
    case "options": {
      const { shape } = path.includes("hashables") ? hashOptions : verifyOptions;
      return { known: Object.keys(shape), later: [] };
    }
    case "depends_on":
      return { known: Object.keys(dependency.shape), later: [] };
    case "extract_response_for":
      return { known: Object.keys(extraction.shape), later: [] };
    default: {
      const { shape } = mode === "QUERY" ? queryActionable : uploadActionable;
      return { known: Object.keys(shape), later: laterProperties.actionable };
    }
  }
}

/** Objects that properties are put beside instead of into. */
const holders: Readonly<Record<string, readonly string[]>> = {
  uploads: Object.keys(uploads.shape),
  sql_query: Object.keys(sqlQuery.shape),
  mongo_query: Object.keys(mongoQuery.shape),
  tokenize: Object.keys(tokenize.shape),
  protected: Object.keys(protection.shape),
};
/** Of `cacheable`. */
const cacheMembers = ["cache_key", "read_from_cache", "invalidate_cache_keys"];
const holdersBelow = { top: ["tokenize", "protected"], actionable: ["uploads", "sql_query", "mongo_query"] } as const;
const actionables: Readonly<Record<string, readonly string[]>> = {
  UPLOAD: Object.keys(uploadActionable.shape),
  QUERY: Object.keys(queryActionable.shape),
};

/** Where a property belongs that an object does not know; null = nowhere. @param beside the object's members */
export function homeOf(
  name: string,
  path: readonly PropertyKey[],
  mode: unknown,
  beside: readonly string[],
): string | null {
  if (cacheMembers.includes(name)) return `belongs into "cacheable", which is not supported yet`;
  const isTop = path.length === 0;
  const below = isTop ? holdersBelow.top : holdersBelow.actionable;
  const fitting = path.length > 2 ? [] : below.filter((holder) => holders[holder]?.includes(name));
  const holder = fitting.find((known) => beside.includes(known)) ?? fitting[0];
  if (holder !== undefined) return `belongs into "${holder}"`;
  if (path.at(-2) === "fields" && name === "optional") {
    return 'is a rule of the payload; expected "required": true in fields that must be sent, and nothing in others';
  }
  if (path.at(-2) === "fields")
    return Object.hasOwn(uploads.shape, name) ? 'belongs beside "fields", for all of them' : null;
  const takers = Object.keys(actionables).filter((known) => actionables[known]?.includes(name));
  if (isTop) return takers.length === 0 ? null : "belongs into an actionable";
  if (path.length > 2 && takers.includes(String(mode))) return 'belongs one level up, beside "mode"';
  if (path.length === 2 && takers.length > 0)
    return `has no meaning for ${String(mode)}; expected it in a ${takers.join()}`;
  return path[0] === "actionables" && Object.hasOwn(abiSchema.shape, name)
    ? 'belongs to the top of the file, beside "actionables"'
    : null;
}
