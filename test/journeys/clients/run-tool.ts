/** Runs a program to its end. */
import { spawn } from "node:child_process";
import { text } from "node:stream/consumers";

/** No transfer of the park takes as long; what hangs is killed. */
const PATIENCE_MS = 60_000;

export interface Ended {
  /** Null: there is no such program, or it was killed. */
  readonly code: number | null;
  readonly output: string;
  readonly errors: string;
}

export async function runTool(command: string, parameters: readonly string[], input = ""): Promise<Ended> {
  const child = spawn(command, parameters, { timeout: PATIENCE_MS, killSignal: "SIGKILL" });
  const ended = new Promise<number | null>((resolve) => {
    child.on("error", () => resolve(null));
    child.on("close", resolve);
  });
  // A program that is missing, or does not read, breaks the pipe.
  child.stdin.on("error", () => undefined);
  child.stdin.end(input);
  const [output, errors, code] = await Promise.all([text(child.stdout), text(child.stderr), ended]);
  return { code, output, errors };
}

/** @throws Error with what was said, where the exit code is not 0 */
export async function toolOutput(command: string, parameters: readonly string[], input?: string): Promise<string> {
  const { code, output, errors } = await runTool(command, parameters, input);
  if (code !== 0) throw new Error(`${command} ${parameters.join(" ")} ended with ${String(code)}\n${errors}${output}`);
  return output;
}
