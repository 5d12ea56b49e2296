import { describe } from "vitest";
import { describeDeleting } from "../../pipeline/deleting/deleting.ts";
import { tableOf } from "../../pipeline/deleting/endpoints.ts";
import { engines, postgres, runSql, useEmptyBucket } from "./engines.ts";

describe.skipIf(postgres === null).each(engines)("on %s", (_, engine) => {
  useEmptyBucket();
  describeDeleting({
    engine,
    bindings: { DATABASE_URL: postgres?.neonUrl },
    run: runSql,
    table: tableOf(),
  });
});
