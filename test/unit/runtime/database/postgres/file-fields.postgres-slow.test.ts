import { env } from "cloudflare:workers";
import { beforeEach, describe } from "vitest";
import { tableOf } from "../../upload/fields/endpoints.ts";
import { describeFileFields } from "../../upload/fields/file-fields.ts";
import { engines, environmentWith, postgres } from "./engines.ts";

describe.skipIf(postgres === null).each(engines)("on %s", (_, engine) => {
  beforeEach(async () => {
    const { objects } = await env.BUCKET.list();
    await env.BUCKET.delete(objects.map(({ key }) => key));
  });
  const bare = { parameters: [], columns: {}, writes: true };
  describeFileFields({
    engine,
    bindings: { DATABASE_URL: postgres?.neonUrl },
    run: async (sql) => (await engine.open(environmentWith()).batch([{ ...bare, sql }]))[0] ?? [],
    table: tableOf("postgres"),
  });
});
