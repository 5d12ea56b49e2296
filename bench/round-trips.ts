/**
 * Counts what every operation of the runtime waits for, and what a million of it costs: the whole runtime in workerd on
 * local R2, D1 and Queues. Counts are the same on every machine, however busy. Run `npx sluice build`, then
 * `node bench/round-trips.ts`; prints Markdown tables.
 */
import type { Report } from "../test/support/round-trips/report.ts";
import { startIsolate } from "./support/isolate.ts";
import { priceOf, prices } from "./support/prices.ts";

/**
 * Assumed of the processor: what a call takes, and each photograph of a megapixel that it stores. An upload of one took 5 to 8 ms
 * in bench/upload-cpu.ts; the cent or two that it costs is lost among the other prices.
 */
const CALL_MILLISECONDS = 2;
const FILE_MILLISECONDS = 5;

const columns = [
  "operation",
  "waits",
  "from the last byte",
  "behind",
  "D1 (statements)",
  "rows read",
  "rows written",
  "R2 A",
  "R2 B",
  "R2 free",
  "queue",
  "$ for a million",
];

function dollarsOf({ bill, delivered }: Report): number {
  const cpuMilliseconds = CALL_MILLISECONDS + FILE_MILLISECONDS * bill.objects;
  // Each message is written once, read once and deleted once.
  return priceOf({ ...bill, requests: 1, cpuMilliseconds, queueOperations: bill.messages + 2 * delivered });
}

function cellsOf(report: Report): readonly (string | number)[] {
  const { name, atOnce, afterLastByte, behind, delivered, bill } = report;
  const { d1Calls, statements, rowsRead, rowsWritten, classA, classB, freeR2, messages } = bill;
  const waits = [atOnce, afterLastByte ?? "", behind];
  const counts = [
    `${d1Calls} (${statements})`,
    rowsRead,
    rowsWritten,
    classA,
    classB,
    freeR2,
    messages + 2 * delivered,
  ];
  return [name, ...waits, ...counts, dollarsOf(report).toFixed(2)];
}

const rowOf = (cells: readonly (string | number)[]) => `| ${cells.join(" | ")} |`;

const isolate = await startIsolate(new URL("round-trips-worker.js", import.meta.url));

async function measure(index: number): Promise<Report | null> {
  const response = await fetch(`http://127.0.0.1:${isolate.port}/${index}`);
  if (!response.ok) throw new Error(await response.text());
  return (await response.json()) as Report | null;
}

console.log(`${rowOf(columns)}\n| --- |${" --: |".repeat(columns.length - 1)}`);
for (let index = 0, report = await measure(0); report !== null; report = await measure(++index)) {
  console.log(rowOf(cellsOf(report)));
}
console.log("\n| what is paid for | $ for a million | source |\n| --- | --: | --- |");
for (const { title, dollars, source } of Object.values(prices)) console.log(rowOf([title, dollars, `<${source}>`]));
console.log("\n`node bench/round-trips.ts`");
await isolate.stop();
process.exit();
