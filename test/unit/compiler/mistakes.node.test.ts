/** Mistakes that authors make: each is told once, where it is, and with what to write instead. */
import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { locateAll } from "../../../src/compiler/text/locate.ts";
import { compileMistake, mistakes } from "../../support/mistakes/all.ts";
import { plant } from "../../support/mistakes/mistake.ts";
import { drawMistake } from "../../../tools/pages/faults.ts";

const page = readFileSync(new URL("../../../docs/faults.md", import.meta.url), "utf8");

test("there are as many as were promised", () => {
  expect(Object.values(mistakes).flat().length).toBeGreaterThanOrEqual(60);
});

describe.each(Object.entries(mistakes))("%s", (_theme, list) => {
  test.each(list.map((mistake) => [mistake.title, mistake] as const))("%s", async (_title, mistake) => {
    const { text, line, column } = plant(mistake);
    const { diagnostics, plans } = await compileMistake(text);
    const found = locateAll(diagnostics, () => text).map(({ span, diagnostic }) => ({
      line: span?.line,
      column: span?.column,
      told: diagnostic.message,
      severity: diagnostic.severity,
    }));
    expect(found).toEqual([{ line, column, told: mistake.told, severity: mistake.severity ?? "fault" }]);
    expect(plans).toHaveLength(mistake.severity === "warning" ? 1 : 0);
    // Stale: npm run pages.
    expect(page).toContain(`\`\`\`text\n${await drawMistake(mistake)}\n\`\`\``);
  });
});
