import { env } from "cloudflare:workers";
import { d1 } from "../../../../src/databases/d1.ts";
import { useFreshStorage } from "../../../support/database.ts";
import { describeKeptLinks } from "../../../contracts/kept-links.ts";

useFreshStorage();

describeKeptLinks("D1", {
  engine: d1,
  bindings: {},
  placeholder: (number) => `?${number}`,
  run: async (sql) => (await env.DB.prepare(sql).all()).results,
});
