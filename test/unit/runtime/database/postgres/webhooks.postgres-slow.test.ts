/** What webhooks have to prove, and that nothing is done before, as on D1. */
import { env } from "cloudflare:workers";
import { beforeEach, describe, inject } from "vitest";
import { callerOf } from "../../../../support/app.ts";
import { buildOf } from "../../../../support/build.ts";
import { secrets } from "../../../../support/secrets.ts";
import { describeWebhooks } from "../../webhooks/contract.ts";
import { tableOf } from "../../webhooks/endpoints.ts";
import { hookSecrets } from "../../webhooks/senders.ts";
import { engines, postgres, runSql, useEmptyBucket } from "./engines.ts";

describe.skipIf(postgres === null).each(engines)("on %s", (_, engine) => {
  useEmptyBucket();
  beforeEach(async () => {
    await runSql("DROP TABLE IF EXISTS events");
    await runSql(tableOf());
  });

  const bindings = { DATABASE_URL: postgres?.neonUrl, ...secrets, ...hookSecrets };
  describeWebhooks({
    call: callerOf(buildOf(inject("compiled").webhooks, engine), bindings),
    rows: async () => Number((await runSql("SELECT count(*)::int AS rows FROM events"))[0]?.["rows"]),
    objects: async () => (await env.BUCKET.list()).objects.length,
  });
});
