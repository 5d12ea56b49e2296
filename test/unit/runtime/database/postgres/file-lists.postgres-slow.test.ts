import { describe } from "vitest";
import { describeFileLists } from "../../../../contracts/file-lists.ts";
import { engines, environmentWith, postgres } from "./engines.ts";

describe.skipIf(postgres === null).each(engines)("on %s", (name, engine) => {
  describeFileLists(name, {
    dialect: engine.dialect,
    async empty() {
      const sql = "TRUNCATE sluice.files";
      await engine.open(environmentWith()).batch([{ sql, parameters: [], columns: {}, writes: true }]);
    },
    open: () => engine.open(environmentWith()),
  });
});
