import { describe } from "vitest";
import { describeFileApiQuota } from "../../quotas/of-file-api.ts";
import { describeQuotas } from "../../quotas/quotas.ts";
import { describeRaces } from "../../quotas/races.ts";
import { engines, environmentWith, postgres, runSql, useEmptyBucket } from "./engines.ts";

describe.skipIf(postgres === null).each(engines)("on %s", (_, engine) => {
  useEmptyBucket();
  const harness = {
    engine,
    open: () => engine.open(environmentWith()),
    bindings: { DATABASE_URL: postgres?.neonUrl, MAX_CONCURRENT_UPLOADS: "50", FILE_API: "on" },
    run: runSql,
  };
  describeQuotas(harness);
  describeFileApiQuota(harness);
  describeRaces(harness);
});
