/**
 * A choice of database: its dialect and how to open it. One engine is bundled with a deployment: that of
 * src/generated/engine.ts.
 */
import type { Database } from "./database.ts";
import type { Dialect } from "./dialect.ts";
import type { DocumentStore } from "./document-store.ts";

/** What an engine may read of the deployment. */
export interface EngineEnvironment {
  /** A secret or variable. @throws Problem `misconfigured` when it is missing or empty */
  readonly text: (name: string, otherwise?: string) => string;
  /** A binding; undefined when the deployment has none of that name. */
  readonly binding: (name: string) => unknown;
}

/** Opens nothing yet. @param now the time of the request, which ids begin with */
export type OpenDocuments = (environment: EngineEnvironment, now: Date) => DocumentStore;

export interface Engine {
  readonly dialect: Dialect;
  /** A database for one request. @throws Problem `misconfigured` when a binding or secret is missing */
  open(environment: EngineEnvironment): Database;
}

/** The database with the runtime's own tables. */
export interface RuntimeTables {
  readonly database: Database;
  readonly dialect: Dialect;
}
