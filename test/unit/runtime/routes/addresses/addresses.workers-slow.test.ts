import { env } from "cloudflare:workers";
import { d1 } from "../../../../../src/databases/d1.ts";
import { useFreshStorage } from "../../../../support/database.ts";
import { describeAddresses } from "./addresses.ts";
import { tableOf } from "./endpoints.ts";

useFreshStorage();

describeAddresses({
  engine: d1,
  bindings: {},
  run: async (sql) => (await env.DB.prepare(sql).all()).results,
  table: tableOf(),
});
