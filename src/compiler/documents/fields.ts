/** The fields that the documents of each collection have: those that the INSERTs and UPDATEs of all ABIs write. */
import type { MongoQuery } from "../language/mongo-schema.ts";
import { fieldFault } from "../language/mongo-schema.ts";
import type { Abi } from "../language/schema.ts";

/** Fields by collection, in a fixed order, without `id`. */
export type Collections = ReadonlyMap<string, readonly string[]>;

export function hasTimestamps(query: MongoQuery): boolean {
  return query.with_timestamp === true || query.with_timestamps === true;
}

/** Tells if the action's `parameters` are what it writes; else they are what it matches. */
export function isWriter({ action }: MongoQuery): boolean {
  return action === "INSERT" || action === "UPDATE";
}

/** The fields that a statement puts into a document, in order. */
export function writtenFields(query: MongoQuery): string[] {
  if (!isWriter(query)) return [];
  const moments = query.action === "INSERT" ? ["created_at", "updated_at"] : ["updated_at"];
  return [...(query.parameters ?? []), ...Object.keys(query.set ?? {}), ...(hasTimestamps(query) ? moments : [])];
}

/** The collections of a deployment. The order of the ABIs plays no part. */
export function collectFields(abis: readonly Abi[]): Collections {
  const collections = new Map<string, string[]>();
  const queries = abis
    .toSorted((a, b) => (a.id < b.id ? -1 : 1))
    .flatMap(({ actionables }) => actionables)
    .flatMap((actionable) => (actionable.mode === "QUERY" ? (actionable.mongo_query ?? []) : []));
  for (const query of queries) {
    const known = collections.get(query.collection) ?? [];
    const written = writtenFields(query).filter((field) => fieldFault(field) === null);
    if (written.length > 0) collections.set(query.collection, [...new Set([...known, ...written])]);
  }
  return collections;
}
