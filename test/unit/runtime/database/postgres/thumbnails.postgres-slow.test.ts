import { describe } from "vitest";
import { tableOf } from "../../upload/thumbnails/endpoints.ts";
import { describeThumbnails } from "../../upload/thumbnails/thumbnails.ts";
import { engines, postgres, runSql, useEmptyBucket } from "./engines.ts";

describe.skipIf(postgres === null).each(engines)("on %s", (_, engine) => {
  useEmptyBucket();
  describeThumbnails({
    engine,
    bindings: { DATABASE_URL: postgres?.neonUrl },
    run: runSql,
    table: tableOf(),
  });
});
