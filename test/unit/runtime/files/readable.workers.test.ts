import { env } from "cloudflare:workers";
import { afterAll } from "vitest";
import { d1 } from "../../../../src/databases/d1.ts";
import { createD1Database } from "../../../../src/runtime/database/d1/database.ts";
import { describeReadable } from "../../../contracts/readable.ts";
import { prepareStorage, resetStorage } from "../../../support/database.ts";

afterAll(resetStorage);

describeReadable("D1", {
  dialect: d1.dialect,
  async open() {
    await prepareStorage();
    return createD1Database(env.DB);
  },
});
