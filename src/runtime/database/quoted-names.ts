/**
 * The runtime's tables and their columns, as statements name them. TypeScript knows which there are: a Worker carries no
 * list of them, and makes each name when it is first asked for.
 */
import { sql, type SQL, type SQLWrapper } from "drizzle-orm";
import { onD1, type TableName, type tables } from "../../contract/tables.ts";

/** In a statement: `"sluice_files"`. Its members are its columns: `"sluice_files"."id"`. */
type QuotedTable<Name extends TableName> = SQLWrapper & { readonly [Column in keyof (typeof tables)[Name]]: SQL };

/** An object whose members are made when they are first read. */
const lazily = (known: object, make: (name: string) => unknown): object =>
  new Proxy(known as Record<string | symbol, unknown>, {
    get: (members, name) => (typeof name === "string" ? (members[name] ??= make(name)) : members[name]),
  });

const quote = (table: string): object =>
  lazily({ getSQL: () => sql.raw(`"${table}"`), shouldOmitSQLParens: () => true }, (column) =>
    sql.raw(`"${table}"."${column}"`),
  );

export const quoted = lazily({}, (name) => quote(onD1(name))) as {
  readonly [Name in TableName]: QuotedTable<Name>;
};
