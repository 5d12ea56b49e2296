/** What is chosen of a new project. */
import type { DatabaseName } from "../../contract/database-names.ts";

export interface ProjectOptions {
  /** Of the Worker, the bucket and the database. */
  readonly name: string;
  readonly database: DatabaseName;
  /** With the file API and the page of its files. */
  readonly gallery: boolean;
}
