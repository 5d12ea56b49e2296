import { describe } from "vitest";
import { describeAddresses } from "../../routes/addresses/addresses.ts";
import { tableOf } from "../../routes/addresses/endpoints.ts";
import { engines, postgres, runSql } from "./engines.ts";

describe.skipIf(postgres === null).each(engines)("on %s", (_, engine) => {
  describeAddresses({
    engine,
    bindings: { DATABASE_URL: postgres?.neonUrl },
    run: runSql,
    table: tableOf(),
  });
});
