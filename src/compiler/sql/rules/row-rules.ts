/**
 * Puts a parsed statement under the rules of its ABI, `unique`, `with_timestamps` and `soft_delete`: decides which
 * apply, and in what order.
 */
import { addSoftDelete } from "./soft-delete.ts";
import type { Tables } from "../target.ts";
import type { ParsedStatement } from "../parse.ts";
import type { QueryActionable } from "../../language/schema.ts";
import type { RowRules, RuleFault } from "./rule.ts";
import { addTimestamps } from "./timestamps.ts";
import type { UniqueLookup } from "./unique.ts";
import { findUnique } from "./unique.ts";

export interface Ruled {
  /** The statement under its rules; as it was where there is a fault. */
  readonly statement: ParsedStatement;
  /** The statement has one placeholder more than its author wrote: the request's moment. */
  readonly bindsMoment: boolean;
  readonly lookup: UniqueLookup | null;
  readonly faults: readonly RuleFault[];
}

export const noRowRules: RowRules = { unique: [], timestamps: null, softDelete: false };

export function readRowRules(query: NonNullable<QueryActionable["sql_query"]>): RowRules {
  const spelling = query.with_timestamps === true ? "with_timestamps" : "with_timestamp";
  return {
    unique: query.unique ?? [],
    timestamps: query[spelling] === true ? spelling : null,
    softDelete: query.soft_delete === true,
  };
}

/** Applies the rules. A DELETE becomes an UPDATE first, so that `with_timestamps` may speak of it. */
export function applyRowRules(original: ParsedStatement, rules: RowRules, tables: Tables): Ruled {
  const faults: RuleFault[] = [];
  const moment = Math.max(0, ...original.placeholders) + 1;
  let statement = original;
  const lookup = rules.unique.length > 0 ? findUnique(original, rules, tables, faults) : null;
  if (rules.softDelete) statement = addSoftDelete(statement, rules, moment, tables, faults);
  if (rules.timestamps !== null) statement = addTimestamps(statement, rules.timestamps, moment, tables, faults);
  if (faults.length > 0) return { statement: original, bindsMoment: false, lookup: null, faults };
  return { statement, bindsMoment: statement.placeholders.includes(moment), lookup, faults };
}
