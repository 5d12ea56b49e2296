/** Which fields of the payload an actionable hashes or verifies. */
import type { Actionable, QueryActionable } from "../../language/schema.ts";
import type { SqlQuery } from "../../sql/query.ts";

export type Hashable = NonNullable<QueryActionable["hashables"]>[number];
export type VerifyHashable = NonNullable<QueryActionable["verify_hashables"]>[number];

export const verifiedBy = (actionable: Actionable): readonly VerifyHashable[] =>
  (actionable.mode === "QUERY" ? actionable.verify_hashables : undefined) ?? [];
export const hashedBy = (actionable: Actionable): readonly Hashable[] =>
  (actionable.mode === "QUERY" ? actionable.hashables : undefined) ?? [];

/** A statement that answers a row which is not there by itself. */
export const verifies = (actionable: Actionable): boolean => verifiedBy(actionable).length > 0;

/** Columns that never leave the statement's rows. */
export function hiddenFields(actionable: Actionable): readonly string[] {
  return [...hashedBy(actionable), ...verifiedBy(actionable)].map(({ property }) => property);
}

/** Columns that a statement sets to a hash that it makes, in lower case: they do not leave its rows either. */
export function hashColumns(actionable: Actionable, query: Pick<SqlQuery, "result"> | null): readonly string[] {
  const parameters = (actionable.mode === "QUERY" ? actionable.sql_query?.parameters : undefined) ?? [];
  const isHash = (value: unknown) =>
    hashedBy(actionable).some(({ property }) => value === property || value === `$PAYLOAD.${property}`);
  const assigned = query?.result.assigned ?? [];
  return assigned.flatMap(([column, placeholder]) => (isHash(parameters[placeholder - 1]) ? [column] : []));
}

/** The passwords of all tasks. */
export const passwordNames = (tasks: readonly { readonly actionable: Actionable }[]): string[] => [
  ...new Set(tasks.flatMap(({ actionable }) => hiddenFields(actionable))),
];
