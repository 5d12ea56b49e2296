import { describe } from "vitest";
import { describeResumable } from "../../resumable/resumable.ts";
import { engines, postgres, runSql, useEmptyBucket } from "./engines.ts";

describe.skipIf(postgres === null).each(engines)("on %s", (_, engine) => {
  useEmptyBucket();
  describeResumable({ engine, bindings: { DATABASE_URL: postgres?.neonUrl }, run: runSql });
});
