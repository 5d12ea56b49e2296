import { env } from "cloudflare:workers";
import { describe } from "vitest";
import { tableOf } from "../../accounts/endpoints.ts";
import { setClock, type AccountsHarness } from "../../accounts/harness.ts";
import { describeHashing } from "../../accounts/hashing.ts";
import { describeIssuing } from "../../accounts/issuing.ts";
import { describeRevoking } from "../../accounts/revoking.ts";
import { secrets } from "../../../../support/secrets.ts";
import { runSweep } from "../../../../support/build.ts";
import { engines, postgres, runSql, useEmptyBucket } from "./engines.ts";

describe.skipIf(postgres === null).each(engines)("on %s", (_, engine) => {
  useEmptyBucket();
  const harness: AccountsHarness = {
    engine,
    bindings: { DATABASE_URL: postgres?.neonUrl },
    isBrief: true,
    run: runSql,
    table: tableOf("postgres"),
    sweep: () => runSweep({ ...env, ...secrets, DATABASE_URL: postgres?.neonUrl } as Env, engine),
    revokedTable: [
      "CREATE TABLE sluice_revoked_tokens (digest text PRIMARY KEY NOT NULL, expires_at timestamptz(3) NOT NULL)",
    ],
    setClock,
  };
  describeIssuing(harness);
  describeHashing(harness);
  describeRevoking(harness);
});
