/** Faults at chosen calls of bindings: these are all the places where the runtime can be interrupted. */
import type { Watch } from "../../../support/watched-bindings.ts";
import type { Fault } from "../fault.ts";

export interface Interrupter {
  readonly interrupt: Watch;
  /** Names of the calls begun so far. */
  readonly calls: readonly string[];
}

/** @param kill ends the process that this runs in; never resolves */
export function createInterrupter(faults: readonly Fault[], kill: () => Promise<never>): Interrupter {
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
  return { interrupt, calls };
}
