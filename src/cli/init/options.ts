/** What is chosen of a new project, and what follows from it in several of its files. */
import type { DatabaseName } from "../../contract/database-names.ts";

export interface ProjectOptions {
  /** Of the Worker, the bucket and the database. */
  readonly name: string;
  readonly database: DatabaseName;
  /** With the file API and the page of its files. */
  readonly gallery: boolean;
}

/** Each is asked for when the project is deployed. */
export const requiredSecrets = (database: DatabaseName): readonly string[] =>
  database === "neon" ? ["JWT_SECRET_KEY", "LINK_SECRET", "DATABASE_URL"] : ["JWT_SECRET_KEY", "LINK_SECRET"];
