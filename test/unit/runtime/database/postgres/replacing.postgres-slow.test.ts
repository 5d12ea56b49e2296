import { describe } from "vitest";
import { tableOf } from "../../upload/replacing/endpoints.ts";
import { describeReplacing } from "../../upload/replacing/replacing.ts";
import { engines, postgres, runSql, useEmptyBucket } from "./engines.ts";

describe.skipIf(postgres === null).each(engines)("on %s", (_, engine) => {
  useEmptyBucket();
  describeReplacing({
    engine,
    bindings: { DATABASE_URL: postgres?.neonUrl, MAX_CONCURRENT_UPLOADS: "120" },
    run: runSql,
    table: tableOf(),
  });
});
