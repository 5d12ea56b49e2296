/** The rules that an ABI may lay on a statement, and what is wrong with one of them. */

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
