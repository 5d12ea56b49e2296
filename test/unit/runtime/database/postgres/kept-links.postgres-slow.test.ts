import { describe } from "vitest";
import { describeKeptLinks } from "../../../../contracts/kept-links.ts";
import { engines, postgres, runSql } from "./engines.ts";

describe.skipIf(postgres === null).each(engines)("on %s", (name, engine) => {
  describeKeptLinks(name, {
    engine,
    bindings: { DATABASE_URL: postgres?.neonUrl },
    placeholder: (number) => `$${number}`,
    run: runSql,
  });
});
