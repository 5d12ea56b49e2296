import { describe } from "vitest";
import { describeKeptLinks } from "../../../../contracts/kept-links.ts";
import { withPostgresNames } from "../../../../support/postgres-names.ts";
import { engines, environmentWith, postgres } from "./engines.ts";

describe.skipIf(postgres === null).each(engines)("on %s", (name, engine) => {
  const bare = { parameters: [], columns: {}, writes: true };
  describeKeptLinks(name, {
    engine,
    bindings: { DATABASE_URL: postgres?.neonUrl },
    placeholder: (number) => `$${number}`,
    run: async (sql) =>
      (await engine.open(environmentWith()).batch([{ ...bare, sql: withPostgresNames(sql) }]))[0] ?? [],
  });
});
