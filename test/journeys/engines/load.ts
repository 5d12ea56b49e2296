/**
 * Calls that upload two files with their rows, what each was answered, and what it then must have left: everything or
 * nothing.
 */
import { codeOf, createUser, type Answer } from "./client.ts";
import { makePicture, type Picture } from "./pictures.ts";
import type { EngineRuntime } from "./runtime.ts";
import { belongingsIn, type Belongings, type World } from "./world.ts";

/** `batch`: rows in the request's last batch. `chain`: an album first, whose id the photos need. */
export type Way = "batch" | "chain";

export interface LoadCall {
  readonly user: string;
  readonly way: Way;
  readonly pictures: readonly Picture[];
  /** Of idempotency: the call may be performed again until it is done. Null: it is performed once. */
  readonly key: string | null;
  /** Of the last time; null until it is answered. */
  outcome: Outcome | null;
}

export type Outcome =
  | { readonly kind: "done"; readonly keys: readonly string[] }
  /** 503, or another call under its key: what became of it is not known. */
  | { readonly kind: "unavailable"; readonly code: string }
  /** The connection ended without an answer: neither is known. */
  | { readonly kind: "lost"; readonly what: string }
  /** Anything else, which no call of these should be answered. */
  | { readonly kind: "wrong"; readonly what: string };

/** Each call is of a user of its own, so that whatever it leaves is known to be its. */
export async function prepareCall(user: string, way: Way, key: string | null = null): Promise<LoadCall> {
  const pictures = await Promise.all(
    ["first", "second"].map((name, index) => makePicture(`${user} ${name}`, [20, 90 + index * 80, 160])),
  );
  return { user, way, pictures, key, outcome: null };
}

/** The first call under the key has succeeded, and what it answered is not known any more. */
const ANSWER_LOST = "idempotency_answer_lost";

export const isSettled = ({ outcome }: LoadCall): boolean =>
  outcome?.kind === "done" || (outcome?.kind === "unavailable" && outcome.code === ANSWER_LOST);

/** Never throws. */
export async function performCall(runtime: EngineRuntime, call: LoadCall): Promise<Outcome> {
  const { user, way, pictures, key } = call;
  const headers = key === null ? {} : { "Idempotency-Key": key };
  const caller = await createUser(runtime.origin, user);
  try {
    const answer =
      way === "batch"
        ? await caller.upload("/upload-gallery-and-store", pictures, { headers })
        : await caller.upload("/upload-album", pictures, { headers, fields: { name: user, mark: "kept" } });
    call.outcome = toOutcome(answer);
  } catch (error) {
    call.outcome = { kind: "lost", what: String(error) };
  }
  return call.outcome;
}

function toOutcome(answer: Answer): Outcome {
  const { status, body } = answer;
  const code = codeOf(answer) ?? "none";
  if (status === 503 || status === 409) return { kind: "unavailable", code };
  if (status !== 200) return { kind: "wrong", what: `${String(status)} ${JSON.stringify(body)}` };
  const { data } = body as { data: readonly { storage_key: string }[] };
  return { kind: "done", keys: data.map(({ storage_key: key }) => key) };
}

export interface LoadReport {
  readonly done: number;
  /** By code. */
  readonly unavailable: ReadonlyMap<string, number>;
  /** Calls without an answer. */
  readonly lost: number;
  /** Of the unavailable and the lost: everything is there, only the answer to the commit was lost. */
  readonly unansweredButDone: number;
  readonly objects: number;
  readonly files: number;
  /** In gallery and photos. */
  readonly rows: number;
  /** Each in one sentence. */
  readonly broken: readonly string[];
}

export function examineCalls(calls: readonly LoadCall[], world: World): LoadReport {
  const belongingsOf = belongingsIn(world);
  const broken: string[] = [];
  const unavailable = new Map<string, number>();
  const totals = { done: 0, lost: 0, unansweredButDone: 0, objects: 0, files: 0, rows: 0 };
  for (const call of calls) {
    const { user, outcome } = call;
    const has = belongingsOf(user);
    const state = stateOf(call, has, world);
    totals.objects += has.objects.length;
    totals.files += has.files.length;
    totals.rows += has.gallery.length + has.photos.length;
    if (state !== "complete" && state !== "nothing") broken.push(`${user}: ${state}`);
    if (outcome === null) {
      broken.push(`${user} was never answered`);
    } else if (outcome.kind === "wrong") {
      broken.push(`${user} was answered ${outcome.what}`);
    } else if (outcome.kind === "unavailable" || outcome.kind === "lost") {
      if (outcome.kind === "lost") totals.lost += 1;
      else unavailable.set(outcome.code, (unavailable.get(outcome.code) ?? 0) + 1);
      // A key is for repeating the call until it is done.
      if (call.key !== null && !isSettled(call)) broken.push(`${user} could not be repeated`);
      if (isSettled(call) && state === "nothing") broken.push(`${user} was said to be done and has nothing`);
      if (state === "complete") totals.unansweredButDone += 1;
    } else {
      totals.done += 1;
      if (state === "nothing") broken.push(`${user} was answered 200 and has nothing`);
      if (!isSame(outcome.keys, has.files)) broken.push(`${user} was answered other keys than it has`);
    }
  }
  return { ...totals, unavailable, broken };
}

/** `complete`, `nothing`, or what is half there. */
function stateOf({ way, pictures }: LoadCall, has: Belongings, { objects }: World): string {
  const rows = way === "batch" ? has.gallery : has.photos;
  const counts = [has.files, has.objects, has.gallery, has.albums, has.photos].map(({ length }) => length);
  if (counts.every((count) => count === 0)) return "nothing";
  const expected = way === "batch" ? [2, 2, 2, 0, 0] : [2, 2, 0, 1, 2];
  if (counts.join() !== expected.join()) return `${counts.join(", ")} instead of ${expected.join(", ")} or nothing`;
  if (!isSame(has.files, has.objects) || !isSame(has.files, rows)) return "files, objects and rows have other keys";
  const found = has.objects.map((key) => objects.get(key) ?? "");
  return isSame(
    found,
    pictures.map(({ sha256 }) => sha256),
  )
    ? "complete"
    : "other bytes than were sent";
}

const isSame = (one: readonly string[], other: readonly string[]): boolean =>
  one.toSorted().join() === other.toSorted().join();
