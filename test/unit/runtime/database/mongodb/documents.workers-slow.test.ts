/** The contract of documents on MongoDB: on the tests' own servers always, on a real one where MONGODB_URL names it. */
import { describe, test } from "vitest";
import { useFreshStorage } from "../../../../support/database.ts";
import { describeDocuments } from "../../../../contracts/documents.ts";
import { mongoStep, plansOf } from "../../../../contracts/document-plans.ts";
import { createMongoCaller, mongo } from "./support.ts";

useFreshStorage();

function describeOn(name: string, url: string): void {
  describeDocuments(name, {
    createCaller: (sources) => createMongoCaller(plansOf(sources, mongoStep), url),
    keepsLoneSurrogates: false,
  });
}

describeOn("the tests' own server as a replica set", mongo.own.documents.replicaSet);
describeOn("the tests' own server alone", mongo.own.documents.lone);

describe("documents: a real server", () => {
  if (mongo.real === null) test.skip("MONGODB_URL is not set");
  else describeOn("of MONGODB_URL", mongo.real);
});
