import { describe } from "vitest";
import { describePieces } from "../../upload-links/pieces.ts";
import { describeRaces } from "../../upload-links/races.ts";
import { describeTerms } from "../../upload-links/terms.ts";
import { describeUses } from "../../upload-links/uses.ts";
import { engines, postgres, runSql, useEmptyBucket } from "./engines.ts";

describe.skipIf(postgres === null).each(engines)("on %s", (_, engine) => {
  useEmptyBucket();
  const bindings = { DATABASE_URL: postgres?.neonUrl, MAX_CONCURRENT_UPLOADS: "50", FILE_API: "on" };
  const harness = { engine, bindings, run: runSql };
  describeTerms(harness);
  describeUses(harness);
  describePieces(harness);
  describeRaces(harness);
});
