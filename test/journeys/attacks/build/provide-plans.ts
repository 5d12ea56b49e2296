/** Vitest's global setup for the attacks: the endpoints of compile-abis, compiled in a process of its own, because Vite would bundle what is to be read from the disk. */
import { execFile } from "node:child_process";
import { promisify } from "node:util";
import type { TestProject } from "vitest/node";
import type { Plan } from "../../../../src/contract/plan.ts";

const script = new URL("compile-abis.ts", import.meta.url).pathname;

export default async function providePlans(project: TestProject): Promise<void> {
  const { stdout } = await promisify(execFile)(process.execPath, [script], { maxBuffer: 64 * 1024 * 1024 });
  project.provide("attackPlans", JSON.parse(stdout) as readonly Plan[]);
}
