/**
 * Checks the meaning of one `mongo_query`: members that its action takes, names that a field can have, documents that
 * some ABI writes. Places in its diagnostics are relative to the `mongo_query`.
 */
import type { Report } from "../text/diagnostic.ts";
import { pointerStep } from "../text/diagnostic.ts";
import type { Collections } from "./fields.ts";
import { hasTimestamps, isWriter, writtenFields } from "./fields.ts";
import type { MongoAction, MongoQuery } from "../language/mongo-schema.ts";
import { fieldFault } from "../language/mongo-schema.ts";
import { filesView } from "../migrations/files-view.ts";
import { didYouMean } from "../text/suggest.ts";

const common = ["collection", "action", "parameters", "multi"];
const membersOf: Readonly<Record<MongoAction, readonly string[]>> = {
  INSERT: [...common, "set", "with_timestamp", "with_timestamps"],
  FIND: [...common, "filter", "sort", "limit", "skip"],
  UPDATE: [...common, "filter", "set", "with_timestamp", "with_timestamps"],
  DELETE: [...common, "filter"],
};

/** D1 binds at most 100 values, and returns at most 100 columns: https://developers.cloudflare.com/d1/platform/limits/ */
const maxFields = 90;

function checkMembers(query: MongoQuery, report: Report): void {
  const taken = membersOf[query.action];
  for (const name of Object.keys(query)) {
    if (!taken.includes(name)) {
      report.fault(pointerStep(name), `means nothing for ${query.action}; expected ${taken.join(", ")}`, "name");
    }
  }
}

/** The fields that the author names, each with its place. */
function namedFields(query: MongoQuery): [field: string, place: string][] {
  const members = (["filter", "set", "sort"] as const).flatMap((name) =>
    Object.keys(query[name] ?? {}).map((field): [string, string] => [field, `/${name}${pointerStep(field)}`]),
  );
  const parameters = (query.parameters ?? []).map((field, index): [string, string] => [
    field,
    `/parameters${pointerStep(index)}`,
  ]);
  return [...parameters, ...members];
}

/** What the action writes or what it matches: each field once, in `parameters` or in the object beside it. */
function checkTwice(query: MongoQuery, report: Report): void {
  const beside = isWriter(query) ? "set" : "filter";
  const others = new Set(Object.keys(query[beside] ?? {}));
  for (const [index, field] of (query.parameters ?? []).entries()) {
    const place = `/parameters${pointerStep(index)}`;
    if (query.parameters?.indexOf(field) !== index) report.fault(place, `"${field}" is listed twice`);
    else if (others.has(field)) report.fault(place, `"${field}" stands in "${beside}" already`);
  }
}

function checkWritten(query: MongoQuery, report: Report): void {
  if (!isWriter(query)) return;
  const own = hasTimestamps(query) ? ["created_at", "updated_at"] : [];
  const places: [string, string][] = [
    ...(query.parameters ?? []).map((field, index): [string, string] => [field, `/parameters${pointerStep(index)}`]),
    ...Object.keys(query.set ?? {}).map((field): [string, string] => [field, `/set${pointerStep(field)}`]),
  ];
  for (const [field, place] of places) {
    if (field === "id") report.fault(place, `"id" is the document's own, made with it: give the field another name`);
    else if (own.includes(field)) report.fault(place, `"${field}" is given by with_timestamps`);
  }
  if (places.length === 0) report.fault("", `${query.action} writes no field: expected "parameters" or "set"`);
}

function checkFilter(query: MongoQuery, report: Report): void {
  const conditions = Object.keys(query.filter ?? {}).length;
  const matched = conditions + (isWriter(query) ? 0 : (query.parameters ?? []).length);
  if (matched > 0 || query.action === "INSERT") return;
  if (query.action !== "FIND") {
    const verb = query.action === "UPDATE" ? "change" : "delete";
    report.fault("/filter", `is empty: ${query.action} would ${verb} every document of the collection`);
  } else if (query.filter === undefined) {
    report.warn("", `lists the documents of every user; if that is meant, write "filter": {}`);
  }
}

/** Fields that no ABI writes: misspelt, or documents that come from elsewhere. */
function checkKnown(query: MongoQuery, returnables: readonly string[], collections: Collections, report: Report): void {
  const { collection, action } = query;
  if (action === "INSERT") return;
  const known = collections.get(collection);
  if (known === undefined) {
    report.warn(
      "/collection",
      `no ABI writes to the collection "${collection}"${didYouMean(collection, collections.keys())}`,
    );
    return;
  }
  const own = new Set(["id", ...known, ...writtenFields(query)]);
  const named = namedFields(query).filter(([field]) => fieldFault(field) === null);
  const answered = returnables.map((field, index): [string, string] => [field, `/../returnables${pointerStep(index)}`]);
  for (const [field, place] of [...named, ...answered]) {
    if (own.has(field)) continue;
    report.warn(place, `no ABI writes "${field}" to the collection "${collection}"${didYouMean(field, own)}`);
  }
}

/** Reports everything; true where nothing is at fault and SQL can be written. */
export function checkMongo(
  query: MongoQuery,
  returnables: readonly string[],
  collections: Collections,
  report: Report,
): boolean {
  let isSound = true;
  const counting: Report = {
    fault(place, message, spot) {
      isSound = false;
      report.fault(place, message, spot);
    },
    warn: (place, message, spot) => report.warn(place, message, spot),
  };
  checkMembers(query, counting);
  if (query.collection.toLowerCase() === filesView) {
    counting.warn(
      "/collection",
      `"${query.collection}" holds documents, not the rows of the runtime's table of that name`,
    );
  }
  for (const [field, place] of namedFields(query)) {
    const fault = fieldFault(field);
    if (fault !== null) counting.fault(place, fault);
  }
  checkTwice(query, counting);
  checkWritten(query, counting);
  checkFilter(query, counting);
  checkKnown(query, returnables, collections, counting);
  if (namedFields(query).length > maxFields) {
    counting.fault("", `names ${String(namedFields(query).length)} fields: expected at most ${String(maxFields)}`);
  }
  return isSound;
}
