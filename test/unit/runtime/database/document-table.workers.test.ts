/** The contract of documents on the document table of D1. */
import { createCaller } from "../../../support/app.ts";
import { useFreshStorage } from "../../../support/database.ts";
import { describeDocuments } from "../../../contracts/documents.ts";
import { plansOf, tableStep } from "../../../contracts/document-plans.ts";

useFreshStorage();

describeDocuments("the document table", {
  createCaller: (sources) => createCaller(plansOf(sources, tableStep)),
  keepsLoneSurrogates: true,
});
