import { beforeEach, describe } from "vitest";
import { describeRenaming } from "../../file-api/renaming.ts";
import { engines, postgres, runSql, useEmptyBucket } from "./engines.ts";

describe.skipIf(postgres === null).each(engines)("on %s", (_, engine) => {
  useEmptyBucket();
  beforeEach(() => runSql("DELETE FROM sluice_files"));
  describeRenaming({ engine, bindings: { DATABASE_URL: postgres?.neonUrl, FILE_API: "on" }, run: runSql });
});
