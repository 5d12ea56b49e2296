/**
 * Analyses one `mongo_query` of an ABI: checks it, and makes of it a statement on the table of documents or, where the
 * deployment has a MongoDB server, a step for that.
 */
import type { ColumnType, StatementCheck } from "../../contract/plan/query.ts";
import type { Diagnostic } from "../text/diagnostic.ts";
import { createReport } from "../text/diagnostic.ts";
import { checkMongo } from "./check.ts";
import type { Collections } from "./fields.ts";
import { writtenFields } from "./fields.ts";
import type { DocumentShape } from "./plan.ts";
import { checkCollection, shapeDocuments } from "./plan.ts";
import type { MongoQuery } from "../language/mongo-schema.ts";
import { fieldFault } from "../language/mongo-schema.ts";
import type { DocumentValue } from "./sql.ts";
import { writeDocumentSql } from "./sql.ts";
import type { OpenTarget } from "../sql/open-target.ts";

export interface DocumentQuery {
  /** Empty after a fault. */
  readonly sql: string;
  readonly writes: boolean;
  /** Of the document that it must find. */
  readonly checks: readonly StatementCheck[];
  /** In placeholder order. */
  readonly values: readonly DocumentValue[];
  readonly fields: readonly string[];
  readonly columns: Readonly<Record<string, ColumnType>>;
  /** The query for a MongoDB server; absent where documents are rows. */
  readonly shape?: DocumentShape;
  /** Places are within the actionable. */
  readonly diagnostics: readonly Omit<Diagnostic, "file">[];
}

/**
 * @param returnables the actionable's own: fields to answer though no ABI writes them
 * @param mustReturn the statement undoes its transaction where it finds no document
 */
export type DocumentAnalyser = (
  query: MongoQuery,
  returnables: readonly string[],
  mustReturn: boolean,
) => Promise<DocumentQuery>;

/** An INSERT answers what it wrote; the others every field that a document of the collection may have. */
function answeredFields(query: MongoQuery, returnables: readonly string[], collections: Collections): string[] {
  const written = writtenFields(query);
  const stored = query.action === "INSERT" ? [] : [...(collections.get(query.collection) ?? []), ...returnables];
  return [...new Set(["id", ...stored, ...written])].filter((field) => fieldFault(field) === null);
}

const empty = { sql: "", checks: [], values: [], columns: {} };

function placed(found: readonly Diagnostic[]): DocumentQuery["diagnostics"] {
  return found.map(({ place, message, severity }) => ({
    place: place.startsWith("/../") ? place.slice("/..".length) : `/mongo_query${place}`,
    message,
    severity,
  }));
}

/** An analyser for documents on a MongoDB server. */
export function createMongoAnalyser(collections: Collections): DocumentAnalyser {
  return async (query, returnables) => {
    const found: Diagnostic[] = [];
    const report = createReport("", found);
    const fields = answeredFields(query, returnables, collections);
    checkMongo(query, returnables, collections, report);
    checkCollection(query, report);
    const shape = shapeDocuments(query);
    const writes = query.action !== "FIND";
    return { ...empty, writes, fields, shape, diagnostics: placed(found) };
  };
}

/** An analyser for one target and the collections of all ABIs. */
export function createDocumentAnalyser(open: OpenTarget, collections: Collections): DocumentAnalyser {
  const { target } = open;
  return async (query, returnables, mustReturn) => {
    const found: Diagnostic[] = [];
    const report = createReport("", found);
    const fields = answeredFields(query, returnables, collections);
    const writes = query.action !== "FIND";
    const isSound = checkMongo(query, returnables, collections, report);
    const isTooWide = fields.length > target.maxColumns;
    if (isTooWide) {
      const limit = `${target.name} returns at most ${String(target.maxColumns)}`;
      report.fault("", `answers ${String(fields.length)} fields: ${limit}`);
    }
    if (!isSound || isTooWide) {
      return { ...empty, writes, fields, diagnostics: placed(found) };
    }
    const written = writeDocumentSql(query, fields, target.documents);
    const prepared = await (await open.database()).prepare(written.sql, null);
    if ("message" in prepared) report.fault("", `${target.dialectName} refuses this: ${prepared.message}`);
    const statement = { sql: written.sql, writes, placeholders: written.values.length, parsed: null };
    const guarded = mustReturn ? await target.mustFind(statement) : null;
    return { ...written, checks: [], ...guarded, writes, fields, diagnostics: placed(found) };
  };
}
