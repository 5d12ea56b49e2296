/** What an isolate's CPU time goes into, by V8's sampling profiler. */
import type { Inspect } from "./inspector.ts";

const SAMPLE_MICROSECONDS = 200;
/** A longer silence of the profiler was somebody else's time: the machine's other programs'. */
const MAX_SAMPLE_MICROSECONDS = 2 * SAMPLE_MICROSECONDS;

interface Node {
  readonly id: number;
  readonly callFrame: { readonly functionName: string; readonly url: string; readonly lineNumber: number };
  readonly children?: readonly number[];
}

/** The part of a profile that is needed: https://chromedevtools.github.io/devtools-protocol/v8/Profiler/#type-Profile */
interface Profile {
  readonly nodes: readonly Node[];
  /** Node by node as it was sampled, and the microseconds before each. */
  readonly samples: readonly number[];
  readonly timeDeltas: readonly number[];
}

export interface SelfTime {
  /** Of the function; `(garbage collector)` and `(program)`, what has no JavaScript above it, as V8 calls them. */
  readonly name: string;
  /** The module, from the repository's root; of a function of the platform, the module that called it. */
  readonly file: string;
  readonly isOfPlatform: boolean;
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
  return selfTimes(profile, readModules(bundle));
}

function selfTimes(profile: Profile, moduleAt: (line: number) => string): readonly SelfTime[] {
  const microseconds = sampledTimes(profile);
  const parents = new Map(
    profile.nodes.flatMap((node) => (node.children ?? []).map((child) => [child, node] as const)),
  );
  const isOurs = ({ callFrame }: Node) => callFrame.url.startsWith("script");
  const fileOf = (node: Node | undefined): string => {
    if (node === undefined) return "";
    return isOurs(node) ? moduleAt(node.callFrame.lineNumber) : fileOf(parents.get(node.id));
  };
  const times = profile.nodes.map((node) => ({
    name: node.callFrame.functionName || "(anonymous)",
    file: fileOf(node),
    isOfPlatform: !isOurs(node),
    milliseconds: (microseconds.get(node.id) ?? 0) / 1000,
  }));
  const byFunction = Map.groupBy(times, ({ name, file, isOfPlatform }) => `${name} ${file} ${isOfPlatform}`);
  return [...byFunction.values()]
    .flatMap((same) => {
      const milliseconds = same.reduce((sum, one) => sum + one.milliseconds, 0);
      return same.slice(0, 1).map((one) => ({ ...one, milliseconds }));
    })
    .filter(({ name, milliseconds }) => name !== "(idle)" && milliseconds > 0)
    .toSorted((one, other) => other.milliseconds - one.milliseconds);
}

/** By node's id. */
function sampledTimes({ samples, timeDeltas }: Profile): ReadonlyMap<number, number> {
  const microseconds = new Map<number, number>();
  for (const [index, id] of samples.entries()) {
    const since = Math.min(timeDeltas[index] ?? 0, MAX_SAMPLE_MICROSECONDS);
    microseconds.set(id, (microseconds.get(id) ?? 0) + since);
  }
  return microseconds;
}

/** esbuild writes each module's path above it. */
function readModules(bundle: string): (line: number) => string {
  const starts = bundle.split("\n").flatMap((text, line) => {
    const [, path] = /^\/\/ (\S+\.[jt]s)$/.exec(text) ?? [];
    return path === undefined ? [] : { line, path };
  });
  return (line) => starts.findLast((start) => start.line <= line)?.path ?? "";
}
