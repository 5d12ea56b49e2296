import { describe } from "vitest";
import { describeDatabase } from "../../../../contracts/database.ts";
import { harnesses, postgres, useFreshTables } from "./engines.ts";

describe.skipIf(postgres === null)("PostgreSQL", () => {
  useFreshTables();
  for (const [name, harness] of harnesses) describeDatabase(name, harness);
});
