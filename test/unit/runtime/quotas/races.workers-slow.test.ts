import { env } from "cloudflare:workers";
import { d1 } from "../../../../src/databases/d1.ts";
import { createD1Database } from "../../../../src/runtime/database/d1/database.ts";
import { useFreshStorage } from "../../../support/database.ts";
import { describeRaces } from "./races.ts";

useFreshStorage();

describeRaces({
  engine: d1,
  open: () => createD1Database(env.DB),
  bindings: {},
  run: async (sql) => (await env.DB.prepare(sql).all()).results,
});
