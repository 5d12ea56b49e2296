/** Steps of a `mongo_query`, for the document table and for a MongoDB server, as the compiler makes them. */
import { sqliteDocuments } from "../../src/compiler/documents/dialect.ts";
import { compileShape, shapeDocuments } from "../../src/compiler/documents/plan.ts";
import type { MongoQuery } from "../../src/compiler/language/mongo-schema.ts";
import { writeDocumentSql, type DocumentValue } from "../../src/compiler/documents/sql.ts";
import type { Plan, Step } from "../../src/contract/plan.ts";
import type { Reference } from "../../src/contract/plan/reference.ts";
import { claimId, planOf, queryStep } from "../support/plans.ts";

export interface Source {
  readonly query: MongoQuery;
  /** What is answered. */
  readonly fields: readonly string[];
  /** Once per element of the payload. */
  readonly isEach?: boolean;
  readonly mustReturn?: boolean;
}

/** The accessors that the tests use: a whole field of the payload or of the element, the caller, the moment. */
const referenceIn =
  ({ isEach = false }: Source) =>
  (value: DocumentValue): Reference => {
    if (value.kind === "now") return { from: "now" };
    const from = isEach ? "element" : "payload";
    if (value.kind === "name") return { from, path: [value.name] };
    if (value.value === "$PROTECTED.id") return claimId;
    const [, field] = typeof value.value === "string" ? (/^\$PAYLOAD\.(\w+)$/.exec(value.value) ?? []) : [];
    return field === undefined ? { from: "literal", value: value.value } : { from, path: [field] };
  };

const eachOf = ({ isEach = false }: Source): Reference | null => (isEach ? { from: "payload", path: [] } : null);
const sendOf = ({ query }: Source) => (query.action === "FIND" ? "now" : "commit");

/** A statement on D1's document table. */
export function tableStep(source: Source, id = 1): Step {
  const { query, fields, mustReturn = false } = source;
  const { sql, values, columns } = writeDocumentSql(query, fields, sqliteDocuments);
  const parameters = values.map((value) => ({ value: referenceIn(source)(value), type: value.type }));
  return queryStep({ id, sql, parameters, columns, mustReturn, each: eachOf(source), send: sendOf(source) });
}

/** A step for a MongoDB server. */
export function mongoStep(source: Source, id = 1): Step {
  const common = { id, fields: source.fields, each: eachOf(source), mustReturn: source.mustReturn ?? false };
  return { ...compileShape(shapeDocuments(source.query), common, referenceIn(source)), send: sendOf(source) };
}

/** One endpoint for each. */
export function plansOf(sources: Readonly<Record<string, Source>>, stepOf: (source: Source) => Step): Plan[] {
  return Object.entries(sources).map(([name, source]) =>
    planOf([stepOf(source)], { id: `${name}-01`, resource: name }),
  );
}
