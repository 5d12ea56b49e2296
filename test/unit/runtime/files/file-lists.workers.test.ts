import { env } from "cloudflare:workers";
import { afterAll } from "vitest";
import { d1 } from "../../../../src/databases/d1.ts";
import { createD1Database } from "../../../../src/runtime/database/d1/database.ts";
import { describeFileLists } from "../../../contracts/file-lists.ts";
import { prepareStorage, resetStorage } from "../../../support/database.ts";

afterAll(resetStorage);

describeFileLists("D1", {
  dialect: d1.dialect,
  async empty() {
    await resetStorage();
    await prepareStorage();
  },
  open: () => createD1Database(env.DB),
});
