/** What an isolate's CPU time goes into, by V8's sampling profiler. */
import type { Inspect } from "./inspector.ts";

const SAMPLE_MICROSECONDS = 200;
/** A longer silence of the profiler was somebody else's time: the machine's other programs'. */
const MAX_SAMPLE_MICROSECONDS = 2 * SAMPLE_MICROSECONDS;

/** The part of a profile that is needed: https://chromedevtools.github.io/devtools-protocol/v8/Profiler/#type-Profile */
interface Profile {
  readonly nodes: readonly {
    readonly id: number;
    readonly callFrame: { readonly functionName: string; readonly url: string; readonly lineNumber: number };
  }[];
  /** Node by node as it was sampled, and the microseconds before each. */
  readonly samples: readonly number[];
  readonly timeDeltas: readonly number[];
}

export interface SelfTime {
  /** The module, from the repository's root; empty: not ours. */
  readonly file: string;
  /** As V8 names it: `(program)` is the platform's own code, `(garbage collector)` what it says. */
  readonly name: string;
  readonly milliseconds: number;
}

/** The longest first, without the time in which nothing ran. @param bundle the isolate's script, not minified */
export async function profileOver(
  inspect: Inspect,
  bundle: string,
  work: () => Promise<unknown>,
): Promise<readonly SelfTime[]> {
  await inspect("Profiler.enable");
  await inspect("Profiler.setSamplingInterval", { interval: SAMPLE_MICROSECONDS });
  await inspect("Profiler.start");
  await work();
  const { profile } = await inspect<{ profile: Profile }>("Profiler.stop");
  return selfTimes(profile, bundle);
}

function selfTimes({ nodes, samples, timeDeltas }: Profile, bundle: string): readonly SelfTime[] {
  const moduleAt = readModules(bundle);
  const microseconds = new Map<number, number>();
  for (const [index, id] of samples.entries()) {
    const since = Math.min(timeDeltas[index] ?? 0, MAX_SAMPLE_MICROSECONDS);
    microseconds.set(id, (microseconds.get(id) ?? 0) + since);
  }
  const frames = nodes.map(({ id, callFrame }) => ({
    name: callFrame.functionName || "(anonymous)",
    file: callFrame.lineNumber < 0 ? "" : moduleAt(callFrame.lineNumber),
    milliseconds: (microseconds.get(id) ?? 0) / 1000,
  }));
  const byFunction = Map.groupBy(frames, ({ file, name }) => `${file} ${name}`);
  return [...byFunction.values()]
    .flatMap((same) => {
      const [first] = same;
      return first === undefined
        ? []
        : { ...first, milliseconds: same.reduce((sum, one) => sum + one.milliseconds, 0) };
    })
    .filter(({ name, milliseconds }) => name !== "(idle)" && milliseconds > 0)
    .toSorted((one, other) => other.milliseconds - one.milliseconds);
}

/** esbuild writes each module's path above it. */
function readModules(bundle: string): (line: number) => string {
  const starts = bundle.split("\n").flatMap((text, line) => {
    const [, path] = /^\/\/ (\S+\.[jt]s)$/.exec(text) ?? [];
    return path === undefined ? [] : { line, path };
  });
  return (line) => starts.findLast((start) => start.line <= line)?.path ?? "";
}
