import { describe } from "vitest";
import { withPostgresNames } from "../../../../support/postgres-names.ts";
import { describeAnswerLinks } from "../../links/answers/answer-links.ts";
import { tableOf } from "../../links/answers/endpoints.ts";
import { engines, environmentWith, postgres } from "./engines.ts";

describe.skipIf(postgres === null).each(engines)("on %s", (_, engine) => {
  const bare = { parameters: [], columns: {}, writes: true };
  describeAnswerLinks({
    engine,
    bindings: { DATABASE_URL: postgres?.neonUrl },
    run: async (sql) =>
      (
        await engine
          .open(environmentWith())
          .batch([{ ...bare, sql: withPostgresNames(sql.replace(/\bfiles\b/, "sluice_files")) }])
      )[0] ?? [],
    table: tableOf(),
  });
});
