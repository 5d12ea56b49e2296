/**
 * Lists, shows, retries and drops background jobs from a terminal.
 *
 *     npm run jobs -- list [--state dead] [--limit 50]
 *     npm run jobs -- show ID
 *     npm run jobs -- retry ID
 *     npm run jobs -- drop ID
 *
 * `--remote` works on the deployed database instead of the local one, `--env NAME` on that environment of
 * wrangler.toml.
 */
import { parseArgs } from "node:util";
import { openJobTable, type JobRecord, type JobTable } from "./terminal/job-table.ts";
import { layOut } from "./terminal/table.ts";

const usage =
  "Usage: npm run jobs -- list [--state dead] [--limit 50] | show ID | retry ID | drop ID   [--remote] [--env NAME]";

interface Command {
  readonly name: string;
  readonly id: string;
  readonly state: string | null;
  readonly limit: number;
  readonly remote: boolean;
  readonly environment: string | null;
}

function readCommand(): Command {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      state: { type: "string" },
      limit: { type: "string", default: "50" },
      remote: { type: "boolean", default: false },
      env: { type: "string" },
    },
  });
  const [name = "", id = "", ...rest] = positionals;
  const takesId = ["show", "retry", "drop"].includes(name);
  if (!takesId && name !== "list") throw new Error(name === "" ? "Say what to do" : `There is no command ${name}`);
  if (takesId !== (id !== "") || rest.length > 0) throw new Error(`${name} takes ${takesId ? "one id" : "no id"}`);
  if (!/^[1-9]\d{0,3}$/.test(values.limit)) throw new Error("--limit takes a number from 1 to 9999");
  const { state = null, remote, env = null } = values;
  return { name, id, state, limit: Number(values.limit), remote, environment: env };
}

interface Problem {
  readonly code: string;
  readonly reason: string;
}

const problemOf = ({ problem }: JobRecord): Problem | null =>
  typeof problem === "string" ? (JSON.parse(problem) as Problem) : null;

const textOf = (value: unknown): string => {
  if (value instanceof Date) return value.toISOString();
  return typeof value === "string" ? value : JSON.stringify(value ?? null);
};

async function list(table: JobTable, { state, limit }: Command): Promise<void> {
  const jobs = await table.list(state, limit);
  const rows = jobs.map((job) => [
    textOf(job["id"]),
    textOf(job["endpoint"]),
    textOf(job["state"]),
    textOf(job["attempts"]),
    textOf(job["updated_at"]),
    problemOf(job)?.code ?? "",
  ]);
  const heading = ["id", "endpoint", "state", "attempts", "updated", "last problem"];
  const aligns = ["left", "left", "left", "right", "left", "left"] as const;
  for (const line of layOut([heading, ...rows], aligns)) console.log(line);
  const counts = Array.from(await table.count(), ([name, count]) => `${String(count)} ${name}`);
  console.log(counts.length === 0 ? "no jobs" : `${String(jobs.length)} shown; in all ${counts.join(", ")}`);
}

/** Everything but what the call sent: that may be anybody's. */
async function show(table: JobTable, id: string): Promise<void> {
  const job = await table.find(id);
  if (job === null) throw new Error("There is no such job");
  const { context, files, ...columns } = job;
  const { payload, ...rest } = JSON.parse(textOf(context)) as Readonly<Record<string, unknown>>;
  const problem = problemOf(job);
  const known = {
    ...columns,
    problem,
    files: JSON.parse(textOf(files)) as unknown,
    call: { ...rest, payload: payload === null ? null : "(kept, not shown)" },
    early_steps: await table.findSteps(id),
  };
  console.log(JSON.stringify(known, null, 2));
}

async function run(table: JobTable, command: Command): Promise<void> {
  const { name, id } = command;
  if (name === "list") return list(table, command);
  if (name === "show") return show(table, id);
  if (name === "retry") {
    if (!(await table.retry(id, new Date().toISOString()))) {
      throw new Error("Not retried: there is no such dead job, or its files were removed when it died");
    }
    console.log("queued: the next minute's trigger runs it");
    return;
  }
  if (!(await table.drop(id))) throw new Error("Not dropped: there is no such job that is done or dead");
  console.log("dropped");
}

try {
  const command = readCommand();
  const table = await openJobTable(command);
  try {
    await run(table, command);
  } finally {
    await table.close();
  }
} catch (error) {
  console.error(`${error instanceof Error ? error.message : String(error)}\n${usage}`);
  process.exitCode = 1;
}
