import { env } from "cloudflare:workers";
import { d1 } from "../../../../../src/databases/d1.ts";
import { useFreshStorage } from "../../../../support/database.ts";
import { tableOf } from "./endpoints.ts";
import { describeRaw } from "./raw.ts";

useFreshStorage();

describeRaw({
  engine: d1,
  bindings: {},
  run: async (sql) => (await env.DB.prepare(sql).all()).results,
  table: tableOf("d1"),
});
