import { describe } from "vitest";
import { describeAnswerLinks } from "../../links/answers/answer-links.ts";
import { tableOf } from "../../links/answers/endpoints.ts";
import { engines, postgres, runSql } from "./engines.ts";

describe.skipIf(postgres === null).each(engines)("on %s", (_, engine) => {
  describeAnswerLinks({
    engine,
    bindings: { DATABASE_URL: postgres?.neonUrl },
    run: runSql,
    table: tableOf(),
  });
});
