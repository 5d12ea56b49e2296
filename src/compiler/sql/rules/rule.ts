/** The rules that an ABI may put a statement under, and what can be wrong with one. */

export interface RowRules {
  /** Columns, each of which must be unique alone. */
  readonly unique: readonly string[];
  /** The spelling that the ABI uses; null = without. */
  readonly timestamps: "with_timestamps" | "with_timestamp" | null;
  readonly softDelete: boolean;
}

export interface RuleFault {
  /** Below `sql_query`. */
  readonly place: string;
  readonly message: string;
}
