import { expect, test } from "vitest";
import { toPostgres } from "../../../../../src/runtime/database/postgres/to-postgres.ts";

test.each(["1", "-1", "+1", "1.", "1.5", ".5", "1e5", "1.5E-10", " 1 ", "9".repeat(65_536)])(
  "the number %.20s goes as it came",
  (value) => {
    expect(toPostgres({ value, type: "number" })).toBe(value.trim());
  },
);

test.each([".", "1.2.3", "1e", "1e123456", "one", ""])("%j is no number", (value) => {
  expect(() => toPostgres({ value, type: "number" })).toThrow();
});

test("64 KiB of digits that are no number are refused at once", async () => {
  const began = Date.now();
  const end = ["x", ".x", "e", "..", " 1"];
  for (const text of end) {
    expect(() => toPostgres({ value: "1".repeat(65_536) + text, type: "number" })).toThrow();
  }
  // The clock of workerd stands still until something is waited for.
  await new Promise((resolve) => setTimeout(resolve, 1));
  expect(Date.now() - began).toBeLessThan(1000);
});
