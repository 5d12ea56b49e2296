import { describe } from "vitest";
import { describeQuotas } from "../../quotas/quotas.ts";
import { engines, postgres, runSql, useEmptyBucket } from "./engines.ts";

describe.skipIf(postgres === null).each(engines)("on %s", (_, engine) => {
  useEmptyBucket();
  describeQuotas({
    engine,
    bindings: { DATABASE_URL: postgres?.neonUrl, MAX_CONCURRENT_UPLOADS: "220", FILE_API: "on" },
    run: runSql,
  });
});
