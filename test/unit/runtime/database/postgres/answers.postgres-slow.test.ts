/** What statements answer that say nothing of it, as on D1. */
import { beforeEach, describe, inject } from "vitest";
import { callerOf, token } from "../../../../support/app.ts";
import { buildOf } from "../../../../support/build.ts";
import { secrets } from "../../../../support/secrets.ts";
import { tableOf } from "../../pipeline/answers/endpoints.ts";
import { describeReturning, type Ask } from "../../pipeline/answers/returning.ts";
import { engines, postgres, runSql } from "./engines.ts";

describe.skipIf(postgres === null).each(engines)("on %s", (_, engine) => {
  beforeEach(async () => {
    await runSql("DROP TABLE IF EXISTS shelves");
    await runSql(tableOf("postgres"));
  });

  const call = callerOf(buildOf(inject("compiled").answers, engine), {
    DATABASE_URL: postgres?.neonUrl,
    ...secrets,
  });
  const ask: Ask = async (path, payload) => {
    const access = await token({ id: "ann" }, { secret: secrets.JWT_SECRET_KEY });
    const headers = { "x-access-token": access, "content-type": "application/json" };
    return call(path, { method: "POST", headers, body: JSON.stringify(payload) });
  };

  describeReturning(ask);
});
