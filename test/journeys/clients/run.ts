/**
 * Clients that people use, unmodified, against the real runtime: uploads, odd names, 20 MiB, links, ranges, conditions.
 * Prints the table of docs/clients.md.
 *
 *     npm run suite -- clients [--client curl]
 *
 * A client that the machine does not have is skipped, and fails where CI is set.
 */
import { inspect, parseArgs } from "node:util";
import { openSite } from "./chromium.ts";
import { columns, type Client, type Column } from "./client.ts";
import { commandLineClients } from "./command-line.ts";
import { nodeClients } from "./node-libraries.ts";
import { pythonClients } from "./python-libraries.ts";
import { setStage, type Stage } from "./stage.ts";

/** What the client does not do. */
const NOT_ITS_OWN = "–";

const { values } = parseArgs({ options: { client: { type: "string" } } });
const isCi = (process.env["CI"] ?? "") !== "";
const failures: string[] = [];
let passed = 0;

async function examine(stage: Stage, { name, checks }: Client): Promise<readonly string[]> {
  const cells: string[] = [];
  for (const column of Object.keys(columns) as Column[]) {
    const check = checks[column];
    cells.push(check === undefined ? NOT_ITS_OWN : await cellOf(`${name}: ${columns[column]}`, () => check(stage)));
  }
  return cells;
}

async function cellOf(title: string, check: () => Promise<string | void>): Promise<string> {
  try {
    const cell = (await check()) ?? "ok";
    passed += 1;
    return cell;
  } catch (error) {
    console.error(`FAILED ${title}\n  ${inspect(error)}`);
    failures.push(title);
    return "FAILED";
  }
}

async function rowOf(stage: Stage, client: Client): Promise<readonly string[] | null> {
  const version = await client.version(stage);
  if (version === null) {
    const sentence = `${client.name} is missing: ${client.source}`;
    console.error(`\n!!! ${isCi ? "FAILED" : "SKIPPED"}, ${sentence}\n`);
    if (isCi) failures.push(sentence);
    return null;
  }
  const began = performance.now();
  const cells = await examine(stage, client);
  console.log(`${client.name} ${version}: ${((performance.now() - began) / 1000).toFixed(1)} s`);
  return [client.name, version, ...cells];
}

const began = performance.now();
const site = await openSite();
const all = [...nodeClients, ...site.clients, ...pythonClients, ...commandLineClients];
const chosen = all.filter(({ name }) => values.client === undefined || name === values.client);
if (chosen.length === 0) throw new Error(`--client: known are ${all.map(({ name }) => name).join(", ")}`);
const rows = new Map<Client, readonly string[]>();
const stage = await setStage(site.origin);
const waiting = chosen.values();
/** Whoever waits for a program to start leaves the processor to another. */
const lane = async () => {
  for (const client of waiting) {
    const row = await rowOf(stage, client);
    if (row !== null) rows.set(client, row);
  }
};
try {
  await Promise.all([lane(), lane()]);
} finally {
  await stage.close();
  await site.close();
}
const head = ["client", "version", ...Object.values(columns)];
const line = (cells: readonly string[]) => `| ${cells.map((cell) => cell.replace(/^<.*>$/, "`$&`")).join(" | ")} |`;
const shown = [...rows].sort(([one], [other]) => chosen.indexOf(one) - chosen.indexOf(other)).map(([, row]) => row);
console.log(`\n${[head, head.map(() => "---"), ...shown].map(line).join("\n")}\n`);
for (const failure of failures) console.error(`FAILED ${failure}`);
const seconds = ((performance.now() - began) / 1000).toFixed(0);
console.log(`${String(passed)} checks passed, ${String(failures.length)} failed, ${seconds} s`);
// Python waits for more calls.
process.exit(failures.length === 0 ? 0 : 1);
