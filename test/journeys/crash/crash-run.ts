/**
 * Interrupts the runtime at every call of its bindings (an error, an endless wait, a kill of the whole process), starts
 * it again, sweeps once, and proves that bucket and tables agree, that everything acknowledged is there, and that no upload in
 * parts is open. The simulator cannot list those over S3: a stand-in does, from the simulator's own table.
 *
 *     node test/journeys/crash/crash-run.ts [--seed 1] [--count 300] [--sample 100] [--only tus]
 *
 * The first runs are all single faults in order; the others meet two, drawn from the seed. A sample is so many of all these
 * runs, drawn as well; `only` leaves operations out whose names begin otherwise. Exits with 1 when a promise is broken.
 */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { parseArgs } from "node:util";
import { SignJWT } from "jose";
import { bucket, credentials, startS3Server } from "../../support/node/s3-server.ts";
import { checkWorld } from "./check-world.ts";
import { readOpenUploads } from "./open-uploads.ts";
import { goOn } from "./resumable-operations.ts";
import { operations, showPicture, type Operation, type PreparedCall, type World } from "./operations.ts";
import { JWT_SECRET_KEY } from "../../support/secrets.ts";
import { startCrashRuntime, type CrashRuntime } from "./runtime.ts";
import { COURSE_PATH, FAULTS_HEADER, type Course, type Fault } from "./fault.ts";

interface Run {
  readonly operation: Operation;
  readonly faults: readonly Fault[];
}

type Outcome = "answered" | "refused" | "no answer" | "killed";

const PATIENCE_MS = 30_000;
/** For a call that waits for ever: more than any other takes. */
const HANG_PATIENCE_MS = 1000;
/** A call that hangs keeps its place for an upload until the process ends: the others must not run out of places. */
const MAX_HUNG = 3;
const { values } = parseArgs({
  options: {
    seed: { type: "string", default: "1" },
    count: { type: "string", default: "300" },
    sample: { type: "string" },
    only: { type: "string", default: "" },
  },
});
const random = createRandom(Number(values.seed));

/** Mulberry32: the same numbers for the same seed. */
function createRandom(seed: number): (below: number) => number {
  let state = seed >>> 0;
  return (below) => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed);
    return ((mixed ^ (mixed >>> 14)) >>> 0) % below;
  };
}

async function createWorld(runtime: CrashRuntime): Promise<World> {
  const jwt = new SignJWT({ id: "ann" }).setProtectedHeader({ alg: "HS256" }).setExpirationTime("2h");
  const token = await jwt.sign(new TextEncoder().encode(JWT_SECRET_KEY));
  const headers = { "x-access-token": token, authorization: `Bearer ${token}` };
  const asked = { method: "POST", headers: { ...headers, "content-type": "application/json" } };
  const terms = JSON.stringify({ max_uploads: 1_000_000, expires: 86_400 });
  const issued = await fetch(`${runtime.origin()}/linked/links`, { ...asked, body: terms });
  const { data } = (await issued.json()) as { readonly data: { readonly url: string } };
  const { pathname, search } = new URL(data.url);
  return { files: [], uploads: [], headers, link: pathname + search };
}

/** Without a fault. Resolves with the names of the calls that the operation makes. */
async function perform(runtime: CrashRuntime, operation: Operation, world: World): Promise<Course["calls"]> {
  const prepared = await provide(runtime, operation, world);
  const response = await send(runtime, prepared, []);
  if (!response.ok) throw new Error(`${operation.name} answered ${await response.text()}`);
  await note(prepared, response);
  return waitForEnd(runtime, PATIENCE_MS);
}

/** Whatever the operation needs is there afterwards: a file to delete, a deleted one to restore. */
async function provide(runtime: CrashRuntime, operation: Operation, world: World): Promise<PreparedCall> {
  const { name, needs } = operation;
  if (needs !== undefined && operation.prepare(world) === null) await perform(runtime, needs, world);
  const prepared = operation.prepare(world);
  if (prepared === null) throw new Error(`${name}: nothing to do it to`);
  return prepared;
}

async function note(prepared: PreparedCall, response: Response): Promise<void> {
  const text = await response.text();
  prepared.succeeded(text === "" ? null : JSON.parse(text), response.headers);
}

/** Waits for what goes on behind the answer, unless it hangs or ends the process. Resolves with the calls so far. */
async function waitForEnd(runtime: CrashRuntime, patienceMs: number): Promise<Course["calls"]> {
  const end = performance.now() + patienceMs;
  for (;;) {
    const response = await fetch(runtime.origin() + COURSE_PATH).catch(() => null);
    if (response === null) return [];
    const { calls, isOver } = (await response.json()) as Course;
    if (isOver || performance.now() > end) return calls;
    await sleep(5);
  }
}

const patienceWith = (faults: readonly Fault[]) =>
  faults.some(({ mode }) => mode === "hang") ? HANG_PATIENCE_MS : PATIENCE_MS;

const send = (runtime: CrashRuntime, { path, init }: PreparedCall, faults: readonly Fault[]) =>
  fetch(runtime.origin() + path, {
    ...init,
    headers: {
      ...(init.headers as Record<string, string>),
      [FAULTS_HEADER]: JSON.stringify(faults),
      // Whoever refuses before the body's end closes the connection: the next call must not be sent on it.
      connection: "close",
    },
    signal: AbortSignal.timeout(patienceWith(faults)),
  });

async function interrupt(runtime: CrashRuntime, prepared: PreparedCall, faults: readonly Fault[]): Promise<Outcome> {
  try {
    const response = await send(runtime, prepared, faults);
    if (response.ok) {
      await note(prepared, response);
    } else {
      await response.text();
      prepared.failed();
    }
    await waitForEnd(runtime, patienceWith(faults));
    return response.ok ? "answered" : "refused";
  } catch {
    prepared.failed();
    return runtime.isDead() ? "killed" : "no answer";
  }
}

function draw<Item>(items: readonly Item[]): Item {
  const item = items[random(items.length)];
  if (item === undefined) throw new Error("Nothing to draw from");
  return item;
}

/** Every single fault of every operation, then pairs of them. */
async function plan(runtime: CrashRuntime, world: World, count: number): Promise<Run[]> {
  const callsOf = new Map<Operation, readonly string[]>();
  for (const operation of operations.filter(({ name }) => name.startsWith(values.only))) {
    callsOf.set(operation, await perform(runtime, operation, world));
    // Only the second time is there something to replace.
    if (operation.prepare(world) !== null) callsOf.set(operation, await perform(runtime, operation, world));
  }
  const single = [...callsOf.keys()].flatMap((operation) =>
    (callsOf.get(operation) ?? []).flatMap((_, index) =>
      (["before", "after"] as const).flatMap((when) =>
        (["throw", "hang", "kill"] as const).map((mode): Run => ({
          operation,
          faults: [{ call: index + 1, when, mode }],
        })),
      ),
    ),
  );
  for (const [operation, calls] of callsOf) console.log(`  ${operation.name}: ${calls.join(" ")}`);
  const pairs = Array.from({ length: Math.max(0, count - single.length) }, (): Run => {
    const { operation, faults } = draw(single);
    const first = faults[0]?.call ?? 1;
    // What takes back has calls of its own, beyond those of a success.
    const second: Fault = { call: first + 1 + random(6), when: "before", mode: random(3) === 0 ? "kill" : "throw" };
    return { operation, faults: [...faults, second] };
  });
  const all = [...single, ...pairs];
  if (values.sample === undefined) return all;
  return Array.from({ length: Math.min(all.length, Number(values.sample)) }, () => {
    return all.splice(random(all.length), 1);
  }).flat();
}

/** With the uploads that were interrupted. */
async function goOnWithAll(runtime: CrashRuntime, world: World): Promise<readonly string[]> {
  const broken: string[] = [];
  for (const upload of world.uploads) {
    const isInterrupted = upload.state === "unsure" || upload.state === "ending";
    if (isInterrupted) broken.push(...(await goOn(runtime.origin(), world, upload)));
  }
  return broken;
}

async function run(storage: string): Promise<boolean> {
  const s3 = await startS3Server(() => readOpenUploads(storage));
  const runtime = await startCrashRuntime(storage, {
    R2_ACCESS_KEY_ID: credentials.accessKeyId,
    R2_SECRET_ACCESS_KEY: credentials.secretAccessKey,
    R2_ACCOUNT_ID: "0123456789abcdef0123456789abcdef",
    R2_BUCKET_NAME: bucket,
    R2_S3_ENDPOINT: s3.url,
  });
  const world = await createWorld(runtime);
  const runs = await plan(runtime, world, Number(values.count));
  const outcomes = new Map<Outcome, number>();
  const broken: string[] = [];
  let kills = 0;
  let hung = 0;
  for (const [index, { operation, faults }] of runs.entries()) {
    const outcome = await interrupt(runtime, await provide(runtime, operation, world), faults);
    outcomes.set(outcome, (outcomes.get(outcome) ?? 0) + 1);
    if (faults.some(({ mode }) => mode === "hang")) hung += 1;
    if (runtime.isDead()) kills += 1;
    // Half of the clients come back at once, to the process that has refused them. An object that hangs waits for ever.
    if (outcome === "refused" && hung === 0 && random(2) === 0) broken.push(...(await goOnWithAll(runtime, world)));
    if (runtime.isDead() || hung === MAX_HUNG) {
      await runtime.restart();
      hung = 0;
    }
    if ((index + 1) % 50 === 0) console.log(`  ${String(index + 1)} of ${String(runs.length)} runs`);
  }
  // A process of its own, as after a deployment.
  await runtime.restart();
  // Without a fault, so that there are thumbnails to look for.
  await perform(runtime, showPicture, world);
  // As if all that held the ends of uploads had been killed long ago.
  await runtime.query("UPDATE sluice_idempotency_keys SET claimed_at = '2020-01-01T00:00:00.000Z'");
  broken.push(...(await goOnWithAll(runtime, world)), ...(await checkWorld(runtime, world, storage)));
  await runtime.stop();
  await s3.close();
  console.log(`seed ${values.seed}: ${String(runs.length)} runs, ${String(kills)} kills`);
  for (const [outcome, times] of outcomes) console.log(`  ${outcome}: ${String(times)}`);
  for (const line of broken) console.error(`  BROKEN: ${line}`);
  return broken.length === 0;
}

const storage = await mkdtemp(join(tmpdir(), "sluice-crash-"));
try {
  process.exitCode = (await run(storage)) ? 0 : 1;
} finally {
  await rm(storage, { recursive: true, force: true, maxRetries: 5 });
}
