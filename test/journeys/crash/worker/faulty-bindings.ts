/** The deployment's bindings with a fault at chosen calls: these are all the places where the runtime can be interrupted. */
import { watchBucket, watchDatabase, type Watch } from "../../../support/watched-bindings.ts";
import type { Fault } from "../fault.ts";

export interface FaultyBindings {
  readonly bucket: R2Bucket;
  readonly database: D1Database;
  /** Names of the calls begun so far. */
  readonly calls: readonly string[];
}

/** @param kill ends the process that this runs in; never resolves */
export function createFaultyBindings(env: Env, faults: readonly Fault[], kill: () => Promise<never>): FaultyBindings {
  const calls: string[] = [];
  const strike = async ({ mode }: Fault): Promise<void> => {
    if (mode === "throw") throw new Error("injected fault");
    if (mode === "kill") await kill();
    await new Promise<never>(() => undefined);
  };
  const interrupt: Watch = async ({ name }, make) => {
    const number = calls.push(name);
    const fault = faults.find((one) => one.call === number);
    if (fault?.when === "before") await strike(fault);
    const result = await make();
    if (fault?.when === "after") await strike(fault);
    return result;
  };
  return { bucket: watchBucket(env.BUCKET, interrupt), database: watchDatabase(env.DB, interrupt), calls };
}
