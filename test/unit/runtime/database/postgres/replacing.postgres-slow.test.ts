import { env } from "cloudflare:workers";
import { beforeEach, describe } from "vitest";
import { withPostgresNames } from "../../../../support/postgres-names.ts";
import { tableOf } from "../../upload/replacing/endpoints.ts";
import { describeReplacing } from "../../upload/replacing/replacing.ts";
import { engines, environmentWith, postgres } from "./engines.ts";

describe.skipIf(postgres === null).each(engines)("on %s", (_, engine) => {
  beforeEach(async () => {
    const { objects } = await env.BUCKET.list();
    await env.BUCKET.delete(objects.map(({ key }) => key));
  });
  const bare = { parameters: [], columns: {}, writes: true };
  describeReplacing({
    engine,
    bindings: { DATABASE_URL: postgres?.neonUrl, MAX_CONCURRENT_UPLOADS: "40" },
    run: async (sql) =>
      (await engine.open(environmentWith()).batch([{ ...bare, sql: withPostgresNames(sql) }]))[0] ?? [],
    table: tableOf(),
  });
});
