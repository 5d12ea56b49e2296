/** What docs/deploy.md says a million costs: its sums are right, and its counts are those of docs/benchmarks.md. */
import { expect, test } from "vitest";
import { priceOf } from "../../../bench/support/prices.ts";
import { readPage } from "./pages.ts";

/** The rows of the table with this heading, each as its cells. */
function rowsUnder(path: string, heading: string): readonly (readonly string[])[] {
  const { prose } = readPage(path);
  const at = prose.findIndex((line) => line.startsWith("|") && cellsOf(line)[0] === heading);
  const rest = prose.slice(at + 2);
  return rest
    .slice(
      0,
      rest.findIndex((line) => !line.startsWith("|")),
    )
    .map(cellsOf);
}

const cellsOf = (line: string): readonly string[] =>
  line
    .split("|")
    .slice(1, -1)
    .map((cell) => cell.trim());

const costs = rowsUnder("docs/deploy.md", "a million");

/** The page's words for an operation, and those of the benchmark. */
const measured: Readonly<Record<string, string>> = {
  "uploads of one small file": "upload 1 file",
  "uploads of one small file, a row each": "upload 1 file, a row each",
  "uploads of 18 MiB": "upload 18 MiB",
  "reads of a public file or by a link": "download a public file",
  "reads that end in 304, and `HEAD`": "304 of a public file",
  "rows listed, one statement": "read rows",
};

test("every row of the table has a measured operation", () => {
  expect(costs.map(([what]) => what)).toEqual(Object.keys(measured));
});

test.each(costs.map((cells) => [cells[0] ?? "", cells] as const))("a million %s", (what, cells) => {
  const [requests, cpuMilliseconds, classA, classB, rowsRead, rowsWritten, queueOperations, dollars] = cells
    .slice(1)
    .map(Number) as [number, number, number, number, number, number, number, number];
  const bill = { requests, cpuMilliseconds, classA, classB, rowsRead, rowsWritten, queueOperations };
  expect(priceOf(bill)).toBeCloseTo(dollars, 2);

  const row = rowsUnder("docs/benchmarks.md", "operation").find(([operation]) => operation === measured[what]) ?? [];
  // operation, waits, was, from the last byte, behind, D1, rows read, rows written, R2 A, R2 B, R2 free, queue, dollars
  const [read, written, a, b] = row.slice(6, 10).map(Number);
  expect({ rowsRead, rowsWritten, classA, classB, dollars }).toEqual({
    rowsRead: read,
    rowsWritten: written,
    classA: a,
    classB: b,
    dollars: Number(row[12]),
  });
});

test("the month's parts make its sum", () => {
  const parts = rowsUnder("docs/deploy.md", "part").map((cells) => Number(cells.at(-1)?.replaceAll("*", "")));
  expect(parts.slice(0, -1).reduce((sum, part) => sum + part, 0)).toBeCloseTo(parts.at(-1) ?? 0, 2);
});
