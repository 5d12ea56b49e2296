/** How SQLite and PostgreSQL keep and read the table of documents: the few expressions in which their SQL differs. */
import { onD1, onPostgres } from "../../contract/tables.ts";

/** A field of a document and the SQL of its JSON value. */
export type Member = readonly [field: string, value: string];

export interface DocumentDialect {
  /** The name of the table. */
  readonly table: string;
  placeholder(number: number): string;
  /** A placeholder that holds JSON text, as the value it is. */
  json(placeholder: string): string;
  /** A placeholder that holds JSON text, as what a field is compared with. */
  matched(placeholder: string): string;
  /** A placeholder that holds a moment, for a column. */
  moment(placeholder: string): string;
  /** A placeholder that holds a moment's text, as a JSON value. Null: the one for columns serves. */
  readonly momentText: ((placeholder: string) => string) | null;
  /** The value of a field as JSON, null where the document lacks it. */
  field(field: string): string;
  /** A document of these members. */
  newDocument(members: readonly Member[]): string;
  /** The document `body` with these members set. */
  changedBody(members: readonly Member[]): string;
  /** Terms of ORDER BY that sort by a field: nothing and null, then numbers and booleans, then texts by their bytes. */
  sortTerms(field: string, direction: "" | " DESC"): readonly string[];
  /** A whole number of the client's between two bounds, `otherwise` where there is none. */
  between(placeholder: string, otherwise: number, least: number, most: number | null): string;
  /** Twenty-four hex characters that begin with the time, as MongoDB's ids do. */
  readonly freshId: string;
}

function chunks<Item>(items: readonly Item[], size: number): (readonly Item[])[] {
  return Array.from({ length: Math.ceil(items.length / size) }, (_, index) =>
    items.slice(index * size, (index + 1) * size),
  );
}

const argumentsOf = (members: readonly Member[], quote: (field: string) => string): string =>
  members.map(([field, value]) => `${quote(field)}, ${value}`).join(", ");

/** D1 takes at most 32 arguments per function: https://developers.cloudflare.com/d1/platform/limits/ */
const maxFunctionArguments = 32;

const path = (field: string): string => `'$.${field}'`;
const text = (field: string): string => `'${field}'`;

/** The document with these members set, as few at a time as one function call takes. */
function setMembers(document: string, members: readonly Member[]): string {
  return chunks(members, (maxFunctionArguments - 2) / 2).reduce(
    (inner, chunk) => `json_set(${inner}, ${argumentsOf(chunk, path)})`,
    document,
  );
}

const sqliteTable = onD1("documents");

export const sqliteDocuments: DocumentDialect = {
  table: sqliteTable,
  placeholder: (number) => `?${String(number)}`,
  json: (placeholder) => `json(${placeholder})`,
  // By text: `->` answers JSON as text.
  matched: (placeholder) => placeholder,
  moment: (placeholder) => placeholder,
  momentText: null,
  // Also what an index on a field has to be written as.
  field: (field) => `${sqliteTable}.body -> ${path(field)}`,
  newDocument(members) {
    const first = members.slice(0, maxFunctionArguments / 2);
    return setMembers(`json_object(${argumentsOf(first, text)})`, members.slice(first.length));
  },
  changedBody: (members) => setMembers("body", members),
  sortTerms: (field, direction) => [`${sqliteTable}.body ->> ${path(field)}${direction}`],
  between(placeholder, otherwise, least, most) {
    const floor = `max(coalesce(${placeholder}, ${String(otherwise)}), ${String(least)})`;
    return most === null ? floor : `min(${floor}, ${String(most)})`;
  },
  freshId: "printf('%08x', unixepoch()) || lower(hex(randomblob(8)))",
};

/** A function takes at most 100 arguments: https://www.postgresql.org/docs/current/limits.html */
const maxMembersPerCall = 50;

const objects = (members: readonly Member[]): string =>
  chunks(members, maxMembersPerCall)
    .map((chunk) => `jsonb_build_object(${argumentsOf(chunk, text)})`)
    .join(" || ");

const postgresTable = onPostgres("documents");

export const postgresDocuments: DocumentDialect = {
  table: postgresTable,
  placeholder: (number) => `$${String(number)}`,
  json: (placeholder) => `${placeholder}::jsonb`,
  matched: (placeholder) => `${placeholder}::jsonb`,
  moment: (placeholder) => `${placeholder}::timestamptz`,
  momentText: (placeholder) => `${placeholder}::text`,
  field: (field) => `${postgresTable}.body -> ${text(field)}`,
  newDocument: objects,
  changedBody: (members) => `${postgresTable}.body || ${objects(members)}`,
  // jsonb has an order of its own: this is SQLite's.
  sortTerms(field, direction) {
    const value = `${postgresTable}.body -> ${text(field)}`;
    const scalar = `${postgresTable}.body ->> ${text(field)}`;
    const kind = `jsonb_typeof(${value})`;
    return [
      `CASE coalesce(${kind}, 'null') WHEN 'null' THEN 0 WHEN 'number' THEN 1 WHEN 'boolean' THEN 1 ELSE 2 END${direction}`,
      `CASE ${kind} WHEN 'number' THEN (${scalar})::numeric WHEN 'boolean' THEN (${scalar})::boolean::int END${direction}`,
      `CASE ${kind} WHEN 'number' THEN NULL WHEN 'boolean' THEN NULL ELSE (${scalar}) COLLATE "C" END${direction}`,
    ];
  },
  between(placeholder, otherwise, least, most) {
    const floor = `greatest(coalesce(${placeholder}::bigint, ${String(otherwise)}), ${String(least)})`;
    return most === null ? floor : `least(${floor}, ${String(most)})`;
  },
  // Sixty-four random bits: those of an UUID's that its version leaves alone.
  freshId:
    "lpad(to_hex(floor(extract(epoch FROM now()))::bigint), 8, '0') || right(gen_random_uuid()::text, 12) || left(gen_random_uuid()::text, 4)",
};
