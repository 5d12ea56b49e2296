import { env } from "cloudflare:workers";
import { d1 } from "../../../../src/databases/d1.ts";
import { createD1Database } from "../../../../src/runtime/database/d1/database.ts";
import { useFreshStorage } from "../../../support/database.ts";
import { describeQuotas } from "./quotas.ts";

useFreshStorage();

describeQuotas({
  engine: d1,
  open: () => createD1Database(env.DB),
  bindings: { MAX_CONCURRENT_UPLOADS: "50", FILE_API: "on" },
  run: async (sql) => (await env.DB.prepare(sql).all()).results,
});
