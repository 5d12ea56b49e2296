/**
 * The deployment's bindings with a fault at chosen calls: the real ones otherwise. Every wait of the runtime that has an
 * effect outside is a call of a binding, so these are all the places where it can be interrupted.
 */
import type { Fault } from "../fault.ts";

export interface FaultyBindings {
  readonly bucket: R2Bucket;
  readonly database: D1Database;
  /** Names of the calls begun so far. */
  readonly calls: readonly string[];
}

type Interrupt = <Result>(name: string, call: () => Promise<Result>) => Promise<Result>;

/** @param kill ends the process that this runs in; never resolves */
export function createFaultyBindings(env: Env, faults: readonly Fault[], kill: () => Promise<never>): FaultyBindings {
  const calls: string[] = [];
  const strike = async ({ mode }: Fault): Promise<void> => {
    if (mode === "throw") throw new Error("injected fault");
    if (mode === "kill") await kill();
    await new Promise<never>(() => undefined);
  };
  const interrupt: Interrupt = async (name, call) => {
    const number = calls.push(name);
    const fault = faults.find((one) => one.call === number);
    if (fault?.when === "before") await strike(fault);
    const result = await call();
    if (fault?.when === "after") await strike(fault);
    return result;
  };
  return {
    bucket: wrap(env.BUCKET, ["put", "get", "head", "list", "delete"], interrupt, {
      createMultipartUpload: async (key: string, options: R2MultipartOptions) =>
        wrapUpload(
          await interrupt("createMultipartUpload", () => env.BUCKET.createMultipartUpload(key, options)),
          interrupt,
        ),
      resumeMultipartUpload: (key: string, id: string) =>
        wrapUpload(env.BUCKET.resumeMultipartUpload(key, id), interrupt),
    }),
    database: wrap(env.DB, ["batch"], interrupt),
    calls,
  };
}

const wrapUpload = (upload: R2MultipartUpload, interrupt: Interrupt) =>
  wrap(upload, ["uploadPart", "complete", "abort"], interrupt);

/** The target whose named methods can be interrupted; `replaced` stands in for others. */
function wrap<Target extends object>(
  target: Target,
  names: readonly (keyof Target & string)[],
  interrupt: Interrupt,
  replaced: Readonly<Record<string, unknown>> = {},
): Target {
  return new Proxy(target, {
    get(_, name: keyof Target & string) {
      if (Object.hasOwn(replaced, name)) return replaced[name];
      const member: unknown = target[name];
      if (typeof member !== "function") return member;
      const call = (...parameters: unknown[]): unknown => Reflect.apply(member, target, parameters);
      return names.includes(name)
        ? (...parameters: unknown[]) => interrupt(name, async () => call(...parameters))
        : call;
    },
  });
}
