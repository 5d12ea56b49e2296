/**
 * Vitest's global setup for tests that run ABIs: what the compiler makes of them. It runs in a process of its own,
 * because Vite would bundle what is to be read from the disk.
 */
import { execFile } from "node:child_process";
import { promisify } from "node:util";
import type { TestProject } from "vitest/node";
import type { Plan } from "../../../src/contract/plan.ts";
import type { SetName } from "./sets.ts";

declare module "vitest" {
  export interface ProvidedContext {
    readonly compiled: Readonly<Record<SetName, readonly Plan[]>>;
  }
}

const script = new URL("compile.ts", import.meta.url).pathname;

export default async function providePlans(project: TestProject): Promise<void> {
  const engine = project.name.startsWith("postgres") ? "postgres" : "d1";
  const { stdout } = await promisify(execFile)(process.execPath, [script, engine], { maxBuffer: 16 * 1024 * 1024 });
  project.provide("compiled", JSON.parse(stdout) as Record<SetName, readonly Plan[]>);
}
