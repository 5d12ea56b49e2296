import { describe } from "vitest";
import { tableOf } from "../../upload/fields/endpoints.ts";
import { describeFileFields } from "../../upload/fields/file-fields.ts";
import { engines, postgres, runSql, useEmptyBucket } from "./engines.ts";

describe.skipIf(postgres === null).each(engines)("on %s", (_, engine) => {
  useEmptyBucket();
  describeFileFields({
    engine,
    bindings: { DATABASE_URL: postgres?.neonUrl },
    run: runSql,
    table: tableOf("postgres"),
  });
});
