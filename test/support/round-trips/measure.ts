/** Counts what one operation of the whole runtime waits for: see waves. */
import { createSluice } from "../../../src/index.ts";
import { buildOf } from "../build.ts";
import { watchBucket, watchDatabase, watchQueue } from "../watched-bindings.ts";
import type { Call, Operation, Question } from "./operation.ts";
import { billOf } from "./bill.ts";
import { plans } from "./plans.ts";
import type { Report } from "./report.ts";
import { createWaves, type WatchedCall, type Waves } from "./waves.ts";

const ORIGIN = "https://uploads.example";
/** Less than a packet; they end the last file, and the form. */
const LAST_BYTES = 256;
const PIECE_BYTES = 65_536;
/** A Worker that waits longer, and for no call that is counted, waits for ever. */
const PATIENCE_MILLISECONDS = 10_000;

// What it refuses is told by the answer's status.
const app = createSluice(buildOf(plans), { log: () => undefined });

/** @throws Error when the operation does not succeed */
export async function measureTrips(operation: Operation, env: Env): Promise<Report> {
  const prepare = () => operation.prepare(callerOf(env));
  const question = await prepare();
  const { depth: atOnce, behind, calls } = await run(question, env, false);
  const sendsFiles = question.kind === "request" && question.sendsFiles;
  return {
    name: operation.name,
    atOnce,
    afterLastByte: sendsFiles ? (await run(await prepare(), env, true)).depth : null,
    behind,
    delivered: question.kind === "jobs" ? question.ids.length : 0,
    bill: billOf(calls),
  };
}

/** Without counting; resolves once everything behind the answer is done as well. */
function callerOf(env: Env): Call {
  return async (path, init) => {
    const { context, ended } = createLifetime();
    const response = await app.fetch(new Request(ORIGIN + path, init), env, context);
    await ended();
    return response;
  };
}

interface Run {
  /** Waves until there is an answer, and those behind it. */
  readonly depth: number;
  readonly behind: number;
  readonly calls: readonly WatchedCall[];
}

/** @param isSlow the body's last bytes come when nothing moves any more, and the depth is counted from there */
async function run(question: Question, env: Env, isSlow: boolean): Promise<Run> {
  const waves = createWaves();
  const { context, ended } = createLifetime();
  const bindings: Env = {
    ...env,
    BUCKET: watchBucket(env.BUCKET, waves.watch),
    DB: watchDatabase(env.DB, waves.watch),
    JOBS: watchQueue(env.JOBS, waves.watch),
  };
  const body = question.kind === "request" && question.body !== null ? feed(question.body, waves) : null;
  const answering = ask(question, body?.stream ?? null, bindings, context).then((check) => ({
    check,
    wave: waves.count,
  }));
  if (isSlow) while (await waves.settle()) waves.release();
  const from = waves.count;
  body?.end();
  const { wave } = await drive(waves, async () => {
    const answer = await answering;
    await answer.check(env);
    await ended();
    return answer;
  });
  return { depth: wave - from, behind: waves.count - wave, calls: waves.calls };
}

/** Lets the waves go, one after the other, until the work is done. */
async function drive<Result>(waves: Waves, work: () => Promise<Result>): Promise<Result> {
  const done = new AbortController();
  const working = work().finally(() => {
    done.abort();
    waves.stir();
  });
  // Awaited below, once the waves are over.
  working.catch(() => undefined);
  for (let movedAt = Date.now(); !done.signal.aborted;) {
    if (await waves.settle()) {
      waves.release();
      movedAt = Date.now();
    } else if (Date.now() - movedAt > PATIENCE_MILLISECONDS) {
      throw new Error("The Worker waits for no call of a binding");
    }
  }
  return working;
}

/** Resolves when there is an answer. @returns a check that it is the right one, in which nothing is counted */
async function ask(
  question: Question,
  body: ReadableStream | null,
  bindings: Env,
  context: ExecutionContext,
): Promise<(env: Env) => Promise<void>> {
  if (question.kind === "jobs") {
    await app.queue({ queue: "sluice-jobs", messages: question.ids.map(messageOf) }, bindings, context);
    return (env) => checkJobs(question.ids, env);
  }
  const { path, method, headers, status } = question;
  const response = await app.fetch(new Request(ORIGIN + path, { method, headers, body }), bindings, context);
  return async () => {
    if (response.status !== status) throw new Error(`${method} ${path} answered ${await response.text()}`);
    await response.arrayBuffer();
  };
}

const messageOf = (id: string): Message => ({
  id,
  timestamp: new Date(),
  attempts: 1,
  body: { id },
  ack: () => undefined,
  retry: () => undefined,
});

async function checkJobs(ids: readonly string[], { DB }: Env): Promise<void> {
  for (const id of ids) {
    const state = await DB.prepare("SELECT state FROM sluice_jobs WHERE id = ?").bind(id).first("state");
    if (state !== "done") throw new Error(`The job is ${String(state)}`);
  }
}

interface Feed {
  readonly stream: ReadableStream;
  /** Sends the last bytes; all others are on their way already. */
  end(): void;
}

function feed(body: Uint8Array, waves: Waves): Feed {
  const { readable, writable } = new IdentityTransformStream();
  const writer = writable.getWriter();
  const moved = () => waves.stir();
  // Fails when the Worker wants no more of it: then the answer's status says why.
  const write = (piece: Uint8Array) => void writer.write(piece).then(moved, moved);
  const lastAt = Math.max(0, body.length - LAST_BYTES);
  for (let at = 0; at < lastAt; at += PIECE_BYTES) write(body.subarray(at, Math.min(lastAt, at + PIECE_BYTES)));
  return {
    stream: readable,
    end() {
      write(body.subarray(lastAt));
      writer.close().then(moved, moved);
    },
  };
}

/** What keeps work alive behind an answer. */
function createLifetime(): { readonly context: ExecutionContext; readonly ended: () => Promise<void> } {
  const work: Promise<unknown>[] = [];
  const context = { waitUntil: (promise) => void work.push(promise) } as ExecutionContext;
  return {
    context,
    async ended() {
      // It grows meanwhile.
      for (const one of work) await one.catch(() => undefined);
    },
  };
}
