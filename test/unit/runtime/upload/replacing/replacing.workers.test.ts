import { env } from "cloudflare:workers";
import { d1 } from "../../../../../src/databases/d1.ts";
import { useFreshStorage } from "../../../../support/database.ts";
import { tableOf } from "./endpoints.ts";
import { describeReplacing } from "./replacing.ts";

useFreshStorage();

describeReplacing({
  engine: d1,
  bindings: { MAX_CONCURRENT_UPLOADS: "120" },
  run: async (sql) => (await env.DB.prepare(sql).all()).results,
  table: tableOf(),
});
