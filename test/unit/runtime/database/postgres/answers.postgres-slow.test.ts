/** What statements answer that say nothing of it, as on D1. */
import { beforeEach, describe, inject } from "vitest";
import { callerOf, token, upload } from "../../../../support/app.ts";
import { buildOf } from "../../../../support/build.ts";
import { secrets } from "../../../../support/secrets.ts";
import { describeCombining } from "../../pipeline/answers/combining.ts";
import { tableOf } from "../../pipeline/answers/endpoints.ts";
import { describeReturning, type Ask } from "../../pipeline/answers/returning.ts";
import { engines, postgres, runSql, useEmptyBucket } from "./engines.ts";

describe.skipIf(postgres === null).each(engines)("on %s", (_, engine) => {
  useEmptyBucket();
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

  const look = async () =>
    call("/look", { headers: { "x-access-token": await token({ id: "ann" }, { secret: secrets.JWT_SECRET_KEY }) } });
  const store = async () =>
    upload(
      call,
      "/store-and-put",
      { "x-access-token": await token({ id: "ann" }, { secret: secrets.JWT_SECRET_KEY }) },
      [{ fileName: "a.txt", body: "hello" }],
    );

  describeReturning(ask);
  describeCombining(ask, look, store);
});
