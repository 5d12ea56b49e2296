/** What `sluice types` and `sluice openapi` have in common: a file that is written, or with `--check` compared. */
import { parseArgs } from "node:util";
import { isStale, writeIfStale } from "../project.ts";
import { runCommand } from "../run-command.ts";
import { describeProject, type ProjectInterface } from "./describe-project.ts";

interface Options {
  readonly path: string;
  readonly isCheck: boolean;
  readonly environment: string | null;
}

function readOptions(standard: string): Options {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: { check: { type: "boolean", default: false }, env: { type: "string" } },
  });
  const [path = standard, ...others] = positionals;
  if (others.length > 0) throw new Error(`One file is written, not also ${others.join(", ")}`);
  return { path, isCheck: values.check, environment: values.env ?? process.env["CLOUDFLARE_ENV"] ?? null };
}

/** @param standard where it is written, if nobody says */
export async function runDescription(standard: string, print: (project: ProjectInterface) => string): Promise<void> {
  const write = async ({ path, isCheck, environment }: Options): Promise<boolean> => {
    const project = await describeProject(process.cwd(), environment);
    const text = print(project);
    const count = `${String(project.endpoints.length)} endpoint${project.endpoints.length === 1 ? "" : "s"}`;
    if (isCheck && isStale(process.cwd(), path, text)) {
      console.error(`${path} is stale: ${count} there are now`);
      return false;
    }
    const isWritten = !isCheck && writeIfStale(process.cwd(), path, text);
    console.log(`${count}: ${isWritten ? `${path} written` : `${path} is up to date`}`);
    return true;
  };
  await runCommand(() => readOptions(standard), write);
}
