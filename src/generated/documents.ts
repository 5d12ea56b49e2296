/** Where documents are, if not in the database: written by src/cli/build.ts, never edited by hand. */
import type { OpenDocuments } from "../runtime/database/engine.ts";

export const openDocuments: OpenDocuments | null = null;
