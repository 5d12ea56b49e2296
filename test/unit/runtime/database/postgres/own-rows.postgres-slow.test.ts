import { beforeEach, describe, inject } from "vitest";
import { neon } from "../../../../../src/databases/neon.ts";
import { callerOf } from "../../../../support/app.ts";
import { buildOf } from "../../../../support/build.ts";
import { secrets } from "../../../../support/secrets.ts";
import { tableOf } from "../own-rows/endpoints.ts";
import { describeOwnRows } from "../own-rows/own-rows.ts";
import { environmentWith, postgres } from "./engines.ts";

const bindings = { ...secrets, DATABASE_URL: postgres?.neonUrl };

// Both drivers bind the same texts; Hyperdrive's simulation would keep a connection for each of the thousand calls.
describe.skipIf(postgres === null)("PostgreSQL", () => {
  beforeEach(async () => {
    const statement = { parameters: [], columns: {}, writes: true };
    const fresh = ["DROP TABLE IF EXISTS kept", tableOf("postgres"), "DELETE FROM sluice.documents"];
    await neon.open(environmentWith()).batch(fresh.map((sql) => ({ ...statement, sql })));
  });
  describeOwnRows({
    engine: "postgres",
    call: callerOf(buildOf(inject("compiled").ownRows, neon), bindings),
    secret: secrets.JWT_SECRET_KEY,
  });
});
