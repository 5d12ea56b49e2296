/** Reads that share the call's last batch see what they would have seen at their place. */
import { beforeEach, describe, expect, inject, test } from "vitest";
import { callerOf, dataOf, token } from "../../../../support/app.ts";
import { buildOf } from "../../../../support/build.ts";
import { secrets } from "../../../../support/secrets.ts";
import { tableOf } from "../../pipeline/manners.ts";
import { engines, postgres, runSql } from "./engines.ts";

describe.skipIf(postgres === null).each(engines)("on %s", (_, engine) => {
  beforeEach(async () => {
    await runSql("DROP TABLE IF EXISTS notes");
    await runSql(tableOf());
  });

  test.each(["one-after-the-other", "side-by-side"])("%s", async (path) => {
    const bindings = { DATABASE_URL: postgres?.neonUrl, ...secrets };
    const call = callerOf(buildOf(inject("compiled").manners, engine), bindings);
    const headers = { "x-access-token": await token({ id: "ann" }, { secret: secrets.JWT_SECRET_KEY }) };
    for (const notes of [0, 1, 2]) {
      expect(await dataOf(await call(`/${path}`, { method: "POST", headers }))).toEqual({ notes });
    }
  });
});
