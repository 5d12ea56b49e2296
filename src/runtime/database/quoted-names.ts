/** The runtime's tables and their columns, as statements name them. */
import { sql, type SQL, type SQLWrapper } from "drizzle-orm";
import { onD1, tables, type TableName } from "../../contract/tables.ts";

/** In a statement: `"sluice_files"`. Its members are its columns: `"sluice_files"."id"`. */
type QuotedTable<Name extends TableName> = SQLWrapper & { readonly [Column in keyof (typeof tables)[Name]]: SQL };

const quote = (table: string, columns: object) => ({
  ...Object.fromEntries(Object.keys(columns).map((column) => [column, sql.raw(`"${table}"."${column}"`)])),
  getSQL: () => sql.raw(`"${table}"`),
  shouldOmitSQLParens: () => true,
});

export const quoted = Object.fromEntries(
  Object.entries(tables).map(([name, columns]) => [name, quote(onD1(name), columns)]),
) as { readonly [Name in TableName]: QuotedTable<Name> };
