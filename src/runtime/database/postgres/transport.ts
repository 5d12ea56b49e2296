/** The transport port: what an engine must do on the wire, so that everything else about PostgreSQL is written once. */

/** A query with `$n` placeholders; every value is text or NULL. */
export interface Query {
  readonly sql: string;
  readonly values: readonly (string | null)[];
}

export interface Column {
  readonly name: string;
  /** The type's number in pg_type. */
  readonly typeId: number;
}

/** The result of a query, as the server's own text. */
export interface QueryResult {
  readonly columns: readonly Column[];
  readonly rows: readonly (readonly (string | null)[])[];
}

/** One connection of its own. Any failure is the driver's own error; the connection may then only be closed. */
export interface Connection {
  /** Sends the queries together and resolves with each one's result: one round trip. The first failure skips the rest. */
  run(queries: readonly Query[]): Promise<readonly QueryResult[]>;
  /** Gives the connection back; an open transaction is rolled back by the server. Never fails. */
  close(): void;
}

export interface Transport {
  /** Runs the queries in one transaction (READ COMMITTED), all or nothing, in one round trip. */
  transact(queries: readonly Query[]): Promise<readonly QueryResult[]>;
  /** Opens a connection for an interactive transaction. */
  connect(): Promise<Connection>;
}

/** Opens a transaction at the isolation level that a lock needs: whoever waited for it must see its holder's rows. */
export const BEGIN: Query = { sql: "BEGIN ISOLATION LEVEL READ COMMITTED", values: [] };
export const COMMIT: Query = { sql: "COMMIT", values: [] };
export const ROLLBACK: Query = { sql: "ROLLBACK", values: [] };
