/** What a database has of the migrations. */

export interface AppliedMigration {
  readonly name: string;
  /** Null where the database does not keep it. */
  readonly checksum: string | null;
}

/** What a database says of itself. */
export interface DatabaseState {
  /** Names of its tables, those of the runtime as `sluice_files` on D1 and `sluice.files` on PostgreSQL. */
  readonly tables: readonly string[];
  readonly runtime: readonly AppliedMigration[];
  readonly user: readonly AppliedMigration[];
}
