import { describe } from "vitest";
import { describeReadable } from "../../../../contracts/readable.ts";
import { engines, environmentWith, postgres } from "./engines.ts";

describe.skipIf(postgres === null).each(engines)("on %s", (name, engine) => {
  describeReadable(name, {
    dialect: engine.dialect,
    async open() {
      const database = engine.open(environmentWith());
      await database.batch([{ sql: "TRUNCATE sluice.files", parameters: [], columns: {}, writes: true }]);
      return database;
    },
  });
});
