/** `mongo_query` on a MongoDB server. */
import { openDocuments } from "../../databases/mongodb.ts";
import type { Documents } from "../call/features.ts";
import { createDocumentQueue } from "./document-queue.ts";
import { runDocuments } from "./run-documents.ts";

export const documents: Documents = {
  open(environment, now) {
    const store = openDocuments(environment, now);
    return { begin: () => createDocumentQueue(store.begin()), close: () => store.close() };
  },
  run: runDocuments,
};
