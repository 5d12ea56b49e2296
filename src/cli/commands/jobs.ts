/**
 * Lists, shows, retries and drops background jobs from a terminal.
 *
 *     sluice jobs list [--state dead] [--limit 50]
 *     sluice jobs show ID
 *     sluice jobs retry ID
 *     sluice jobs drop ID
 *
 * `--remote` works on the deployed database instead of the local one, `--env NAME` on that environment of
 * wrangler's configuration.
 */
import { parseArgs } from "node:util";
import { createJobOperations, type JobOperations } from "../../runtime/jobs/operations.ts";
import { deploymentFlags, connectDeployment, type DeploymentFlags } from "../open-deployment.ts";
import { runCommand } from "../run-command.ts";
import { layOut } from "../terminal/table.ts";

const usage =
  "Usage: sluice jobs list [--state dead] [--limit 50] | show ID | retry ID | drop ID   [--remote] [--env NAME]";

interface Command {
  readonly name: string;
  readonly id: string;
  readonly state: string | null;
  readonly limit: number;
  readonly flags: DeploymentFlags;
}

function readCommand(): Command {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      state: { type: "string" },
      limit: { type: "string", default: "50" },
      ...deploymentFlags,
    },
  });
  const [name = "", id = "", ...rest] = positionals;
  const takesId = ["show", "retry", "drop"].includes(name);
  if (!takesId && name !== "list") throw new Error(name === "" ? "Say what to do" : `There is no command ${name}`);
  if (takesId !== (id !== "") || rest.length > 0) throw new Error(`${name} takes ${takesId ? "one id" : "no id"}`);
  if (!/^[1-9]\d{0,3}$/.test(values.limit)) throw new Error("--limit takes a number from 1 to 9999");
  const { state = null, limit, ...flags } = values;
  return { name, id, state, limit: Number(limit), flags };
}

interface Problem {
  readonly code: string;
  readonly reason: string;
}

const problemOf = (text: string | null): Problem | null => (text === null ? null : (JSON.parse(text) as Problem));

async function list(jobs: JobOperations, { state, limit }: Command): Promise<void> {
  const found = await jobs.list(state, limit);
  const rows = found.map((job) => [
    job.id,
    job.endpoint,
    job.state,
    String(job.attempts),
    job.updated_at,
    problemOf(job.problem)?.code ?? "",
  ]);
  const heading = ["id", "endpoint", "state", "attempts", "updated", "last problem"];
  const aligns = ["left", "left", "left", "right", "left", "left"] as const;
  for (const line of layOut([heading, ...rows], aligns)) console.log(line);
  const counts = Array.from(await jobs.count(), ([name, count]) => `${String(count)} ${name}`);
  console.log(counts.length === 0 ? "no jobs" : `${String(found.length)} shown; in all ${counts.join(", ")}`);
}

/** Everything but what the call sent: that may be anybody's. */
async function show(jobs: JobOperations, id: string): Promise<void> {
  const job = await jobs.find(id);
  if (job === null) throw new Error("There is no such job");
  const { context, files, problem, ...columns } = job;
  const { payload, ...rest } = JSON.parse(context) as Readonly<Record<string, unknown>>;
  const known = {
    ...columns,
    problem: problemOf(problem),
    files: JSON.parse(files) as unknown,
    call: { ...rest, payload: payload === null ? null : "(kept, not shown)" },
    early_steps: await jobs.findSteps(id),
  };
  console.log(JSON.stringify(known, null, 2));
}

async function run(jobs: JobOperations, command: Command): Promise<void> {
  const { name, id } = command;
  if (name === "list") return list(jobs, command);
  if (name === "show") return show(jobs, id);
  if (name === "retry") {
    if (!(await jobs.retry(id, new Date().toISOString()))) {
      throw new Error("Not retried: there is no such dead job, or its files were removed when it died");
    }
    console.log("queued: the next minute's trigger runs it");
    return;
  }
  if (!(await jobs.drop(id))) throw new Error("Not dropped: there is no such job that is done or dead");
  console.log("dropped");
}

async function connectAndRun(command: Command): Promise<true> {
  const { database, dialect, close } = await connectDeployment(command.flags);
  try {
    await run(createJobOperations(database, dialect), command);
    return true;
  } finally {
    await close();
  }
}

await runCommand(readCommand, connectAndRun, usage);
