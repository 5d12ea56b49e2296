import { describe } from "vitest";
import { describePolledLists } from "../../../../contracts/polled-lists.ts";
import { engines, environmentWith, postgres } from "./engines.ts";

describe.skipIf(postgres === null).each(engines)("on %s", (name, engine) => {
  describePolledLists(name, {
    dialect: engine.dialect,
    async empty() {
      const sql = "TRUNCATE sluice.files, sluice.owner_clocks";
      await engine.open(environmentWith()).batch([{ sql, parameters: [], columns: {}, writes: true }]);
    },
    open: () => engine.open(environmentWith()),
  });
});
