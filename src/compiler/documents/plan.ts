/**
 * One `mongo_query` as a step for a MongoDB server. Its members are in the order of the plan, its names have been
 * checked, and its values are still to be resolved.
 */
import type { Step } from "../../contract/plan.ts";
import type { DocumentMember, DocumentStep } from "../../contract/plan/documents.ts";
import type { Reference } from "../../contract/plan/reference.ts";
import type { DocumentDraft } from "../draft.ts";
import type { Report } from "../text/diagnostic.ts";
import { hasTimestamps, isWriter } from "./fields.ts";
import type { MongoQuery, MongoScalar } from "../language/mongo-schema.ts";
import { defaultLimit, maxLimit } from "../language/mongo-schema.ts";
import type { DocumentValue } from "./sql.ts";

type Member = readonly [field: string, value: DocumentValue];

export interface DocumentShape {
  readonly query: MongoQuery;
  readonly filter: readonly Member[];
  readonly set: readonly Member[];
  readonly limit: DocumentValue;
  readonly skip: DocumentValue;
}

function namedMembers(query: MongoQuery): Member[] {
  return (query.parameters ?? []).map((name, index) => [
    name,
    { kind: "name", name, type: "document", place: `/parameters/${String(index)}` },
  ]);
}

const literal = (value: MongoScalar, place: string): DocumentValue => ({
  kind: "value",
  value,
  type: "document",
  place,
});

function listedMembers(query: MongoQuery, name: "filter" | "set"): Member[] {
  return Object.entries(query[name] ?? {}).map(([field, value]) => [field, literal(value, `/${name}/${field}`)]);
}

function moments(query: MongoQuery): Member[] {
  if (!hasTimestamps(query)) return [];
  const fields = query.action === "INSERT" ? ["created_at", "updated_at"] : ["updated_at"];
  return fields.map((field) => [field, { kind: "now", type: "timestamp" }]);
}

export function shapeDocuments(query: MongoQuery): DocumentShape {
  const writes = isWriter(query);
  return {
    query,
    filter: [...listedMembers(query, "filter"), ...(writes ? [] : namedMembers(query))],
    set: writes ? [...namedMembers(query), ...listedMembers(query, "set"), ...moments(query)] : [],
    limit: literal(query.limit ?? defaultLimit, "/limit"),
    skip: literal(query.skip ?? 0, "/skip"),
  };
}

/** What MongoDB takes no collection by: https://www.mongodb.com/docs/manual/reference/limits/#naming-restrictions */
export function checkCollection({ collection }: MongoQuery, report: Report): void {
  if (collection.startsWith("system.")) {
    report.fault("/collection", `"${collection}" is the server's own: names that begin with "system." are`);
  } else if (/^\.|\.\.|\.$/.test(collection)) {
    report.fault(
      "/collection",
      `"${collection}" is no name of a collection on MongoDB: a dot stands between two words`,
    );
  }
}

/** @param resolve null after a fault, which it has reported */
export function compileShape(
  { query, filter, set, limit, skip }: DocumentShape,
  common: Pick<DocumentStep, "id" | "fields" | "each" | "mustReturn">,
  resolve: (value: DocumentValue) => Reference | null,
): DocumentDraft {
  const members = (list: readonly Member[]): DocumentMember[] =>
    list.flatMap(([field, value]) => {
      const reference = resolve(value);
      return reference === null ? [] : [{ field, value: reference }];
    });
  const { id, fields, each, mustReturn } = common;
  const head = { mode: "documents", id, collection: query.collection } as const;
  const tail = { fields, each, mustReturn };
  switch (query.action) {
    case "INSERT":
      return { ...head, action: "insert", set: members(set), ...tail };
    case "UPDATE":
      return { ...head, action: "update", filter: members(filter), set: members(set), ...tail };
    case "DELETE":
      return { ...head, action: "delete", filter: members(filter), ...tail };
    case "FIND": {
      const sort = Object.entries(query.sort ?? {}).map(([field, direction]) => ({ field, direction }));
      const nothing: Reference = { from: "literal", value: null };
      const page = { limit: resolve(limit) ?? nothing, defaultLimit, maxLimit, skip: resolve(skip) ?? nothing };
      return { ...head, action: "find", filter: members(filter), sort, ...page, ...tail };
    }
    default:
      return query.action satisfies never;
  }
}

/** One document, by whatever the client sends: MongoDB changes it whole or not at all. */
function isOfOneDocument(step: DocumentStep): boolean {
  if (step.each !== null || step.action === "find") return false;
  return step.action === "insert" || step.filter.some(({ field }) => field === "id");
}

const writes = (step: Step): boolean => {
  if (step.mode === "query") return step.writes;
  return step.mode !== "documents" || step.action !== "find";
};

/**
 * The steps whose documents may stay when something else of the endpoint fails, or go alone: all that write documents,
 * unless one document is all that the endpoint writes.
 * @param deferred steps that run as a job, which is a row of the database
 */
export function nonTransactionalDocuments(steps: readonly Step[], deferred: ReadonlySet<number>): number[] {
  const writing = steps.flatMap((step, index) => (writes(step) ? [index] : []));
  const nonTransactional = writing.filter((index) => steps[index]?.mode === "documents");
  const [only] = nonTransactional;
  const step = only === undefined ? undefined : steps[only];
  const isAlone = writing.length === 1 && deferred.size === 0;
  const isWhole = isAlone && step?.mode === "documents" && step.send === "commit" && isOfOneDocument(step);
  return isWhole ? [] : nonTransactional;
}
