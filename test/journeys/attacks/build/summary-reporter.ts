/**
 * Prints how many checks ran at each door for each attack, and how many escaped: a failed check is an attack that got
 * through. Reads the names that support/suite gives.
 */
import type { Reporter, TestCase, TestModule } from "vitest/node";

interface Count {
  checks: number;
  escaped: number;
}

type Table = Map<string, Map<number, Count>>;

export default class SummaryReporter implements Reporter {
  onTestRunEnd(modules: readonly TestModule[]): void {
    const tests = modules.flatMap((module) => [...module.children.allTests()]);
    const lines = [...formatTable(tableOf(tests)), formatTotal(tests)];
    process.stdout.write(`\n${lines.join("\n")}\n`);
  }
}

/** The suite's and the door's name stand above a check's. */
function placeOf({ parent }: TestCase): readonly [attack: number, door: string] {
  if (parent.type !== "suite" || parent.parent.type !== "suite") return [0, "elsewhere"];
  return [Number.parseInt(parent.parent.name, 10), parent.name];
}

const countOf = (tests: readonly TestCase[]): Count => {
  const inState = (state: string) => tests.filter((test) => test.result().state === state).length;
  return { checks: inState("passed") + inState("failed"), escaped: inState("failed") };
};

function tableOf(tests: readonly TestCase[]): Table {
  const byDoor = Map.groupBy(tests, (test) => placeOf(test)[1]);
  return new Map(
    [...byDoor].map(([door, ofDoor]) => {
      const byAttack = Map.groupBy(ofDoor, (test) => placeOf(test)[0]);
      return [door, new Map([...byAttack].map(([attack, some]) => [attack, countOf(some)]))];
    }),
  );
}

/** `12`, `12!1` with one escaped. */
const formatCount = ({ checks, escaped }: Count): string => `${checks}${escaped > 0 ? `!${escaped}` : ""}`;

function formatTable(table: Table): readonly string[] {
  const attacks = [...new Set([...table.values()].flatMap((row) => [...row.keys()]))].toSorted(
    (left, right) => left - right,
  );
  const widest = Math.max(0, ...[...table.keys()].map(({ length }) => length));
  const cells = [...table].map(([door, row]) => {
    const counts = attacks.map((attack) => {
      const count = row.get(attack);
      return count === undefined ? "" : formatCount(count);
    });
    return [door, counts] as const;
  });
  const widths = attacks.map((attack, at) =>
    Math.max(String(attack).length, ...cells.map(([, counts]) => counts[at]?.length ?? 0)),
  );
  const line = (name: string, texts: readonly string[]) =>
    `${name.padEnd(widest)} ${texts.map((text, at) => text.padStart(widths[at] ?? 0)).join(" ")}`;
  return [line("door × attack", attacks.map(String)), ...cells.map(([door, counts]) => line(door, counts))];
}

function formatTotal(tests: readonly TestCase[]): string {
  const { checks, escaped } = countOf(tests);
  return `${checks} checks, ${escaped} escaped`;
}
