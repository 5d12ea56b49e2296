import { env } from "cloudflare:workers";
import { d1 } from "../../../../src/databases/d1.ts";
import { createD1Database } from "../../../../src/runtime/database/d1/database.ts";
import { useFreshStorage } from "../../../support/database.ts";
import type { QuotaHarness } from "./harness.ts";
import { describeFileApiQuota } from "./of-file-api.ts";
import { describeQuotas } from "./quotas.ts";

useFreshStorage();

const harness: QuotaHarness = {
  engine: d1,
  open: () => createD1Database(env.DB),
  bindings: { MAX_CONCURRENT_UPLOADS: "50", FILE_API: "on" },
  run: async (sql) => (await env.DB.prepare(sql).all()).results,
};

describeQuotas(harness);
describeFileApiQuota(harness);
