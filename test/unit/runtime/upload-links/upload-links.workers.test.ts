import { env } from "cloudflare:workers";
import { d1 } from "../../../../src/databases/d1.ts";
import { useFreshStorage } from "../../../support/database.ts";
import type { LinkHarness } from "./harness.ts";
import { describeTerms } from "./terms.ts";

useFreshStorage();

const harness: LinkHarness = {
  engine: d1,
  bindings: { MAX_CONCURRENT_UPLOADS: "250" },
  run: async (sql) => (await env.DB.prepare(sql).all()).results,
};

describeTerms(harness);
