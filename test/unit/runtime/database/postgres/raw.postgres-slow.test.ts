import { describe } from "vitest";
import { tableOf } from "../../upload/raw/endpoints.ts";
import { describeRaw } from "../../upload/raw/raw.ts";
import { engines, postgres, runSql, useEmptyBucket } from "./engines.ts";

describe.skipIf(postgres === null).each(engines)("on %s", (_, engine) => {
  useEmptyBucket();
  describeRaw({
    engine,
    bindings: { DATABASE_URL: postgres?.neonUrl },
    run: runSql,
    table: tableOf("postgres"),
  });
});
