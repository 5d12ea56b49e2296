/** The contract of documents on the document table of D1. */
import { createCaller } from "../support/app.ts";
import { useFreshStorage } from "../support/database.ts";
import { describeDocuments } from "./document-contract.ts";
import { plansOf, tableStep } from "./document-plans.ts";

useFreshStorage();

describeDocuments("the document table", {
  createCaller: (sources) => createCaller(plansOf(sources, tableStep)),
  keepsLoneSurrogates: true,
});
