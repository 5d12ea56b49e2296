import { env } from "cloudflare:workers";
import { d1 } from "../../../../src/databases/d1.ts";
import { runSweep } from "../../../support/build.ts";
import { useFreshStorage } from "../../../support/database.ts";
import { tableOf } from "./endpoints.ts";
import { setClock, type AccountsHarness } from "./harness.ts";
import { describeHashing } from "./hashing.ts";
import { describeIssuing } from "./issuing.ts";
import { describeRevoking } from "./revoking.ts";

useFreshStorage();

const harness: AccountsHarness = {
  engine: d1,
  bindings: {},
  isBrief: false,
  run: async (sql) => (await env.DB.prepare(sql).all()).results,
  table: tableOf("d1"),
  sweep: () => runSweep(env),
  revokedTable: [
    "CREATE TABLE sluice_revoked_tokens (digest text PRIMARY KEY NOT NULL, expires_at text NOT NULL) WITHOUT ROWID",
  ],
  setClock,
};

describeIssuing(harness);
describeHashing(harness);
describeRevoking(harness);
