/**
 * Admission control of one isolate: accounts for the memory that callers' bytes take and for the places for uploads,
 * and decides who proceeds, who waits and who is ended. Lives as long as the isolate, whose 128 MB all its calls share
 * (https://developers.cloudflare.com/workers/platform/limits/#memory).
 *
 * Whoever holds bytes of a caller reserves them here first. Only a call that holds nothing yet waits, so no two calls
 * can wait for each other. State is plain data: a promise of one request cannot be settled from another, so a waiting
 * call polls, and a call that must end sees it at its next poll.
 */
import { Problem } from "../../contract/problem.ts";
import { isolateMemory } from "./isolate-memory.ts";
import { createShares, type Shares } from "./shares.ts";
import { createTurns, type Seat } from "./turns.ts";

export interface LedgerLimits {
  readonly maxBytes: number;
  readonly maxUploads: number;
  /** The longest silence of a client, in milliseconds. */
  readonly maxIdleMilliseconds: number;
  /** Work units that the pictures of one owner's calls may take at a time. */
  readonly maxPictureWork: number;
}

/** What a call holds: bytes, and places for uploads. */
export interface Holding {
  readonly bytes: number;
  readonly uploads: number;
}

/** One call's account. */
export interface CallAccount {
  /** Where the decoding of the call's pictures waits for its turn. */
  readonly seat: Seat;
  /**
   * Reserves what the call cannot begin without. If that is not free, and an owner with several calls holds more than
   * this one would, the slowest of those calls is ended, and this one waits for what it frees.
   * @throws Problem `overloaded`
   */
  enter(needs: Holding): Promise<void>;
  /**
   * Reserves bytes that are about to be held. Never waits. @throws Problem `overloaded`, or `client_too_slow` as
   * `receive`
   */
  take(bytes: number): void;
  /**
   * Reserves bytes that the call could do without, until they are returned; false where they are not free beyond what
   * is reserved for others. Never waits, and never ends another call.
   */
  borrow(bytes: number): boolean;
  /** Gives borrowed bytes back. */
  return(bytes: number): void;
  /**
   * Awaits the client's next bytes.
   * @throws Problem `client_too_slow` after a silence that is too long, or when another caller needs the call's place
   */
  receive<Bytes extends Uint8Array>(reading: Promise<Bytes>): Promise<Bytes>;
  /** Gives everything back. Harmless when repeated. */
  close(): void;
}

export interface Ledger {
  /** @param owner whoever shares one fair share; see admission/owner-key */
  open(owner: string): CallAccount;
}

/** How long a call waits for what another one frees, and how often it polls. */
const MAX_WAIT_MILLISECONDS = 5000;
const POLL_MILLISECONDS = 50;
/** How often a call that waits for its client checks whether it may go on waiting. */
const LOOK_MILLISECONDS = 250;
/** A call is not considered slow before it has waited this long for its client in all. */
const GRACE_MILLISECONDS = 2000;
/** A call that sends for longer is ended, well before the sweep takes its pending files for abandoned. */
const MAX_CALL_MILLISECONDS = 2_700_000;
/** A call that the platform cut off cannot give anything back. No live one goes this long without taking or receiving. */
const DEAD_MILLISECONDS = 900_000;

const kinds = ["uploads", "bytes"] as const;

interface OpenCall {
  readonly owner: string;
  readonly seat: Seat;
  bytes: number;
  uploads: number;
  receivedBytes: number;
  /** Spent waiting for the client, without the wait in progress. */
  waited: number;
  waitingSince: number | null;
  readonly openedAt: number;
  lastActive: number;
  mustEnd: boolean;
  /** Checks now and then whether the call may go on waiting. */
  look: () => void;
  timer: ReturnType<typeof setInterval> | null;
}

const rest = () => {};

/** @param clock milliseconds that only grow */
export function createLedger(limits: LedgerLimits, clock: () => number): Ledger {
  const calls = new Set<OpenCall>();
  const turns = createTurns(limits.maxPictureWork, () => scheduler.wait(0));
  const bytesOfParts = () => isolateMemory.bytesOf("parts");
  const shares = { bytes: createShares(limits.maxBytes, bytesOfParts), uploads: createShares(limits.maxUploads) };

  const add = (call: OpenCall, { bytes, uploads }: Holding) => {
    call.bytes += bytes;
    call.uploads += uploads;
    shares.bytes.add(call.owner, bytes);
    isolateMemory.add("calls", bytes);
    shares.uploads.add(call.owner, uploads);
  };
  const close = (call: OpenCall) => {
    if (!calls.delete(call)) return;
    if (call.timer !== null) clearInterval(call.timer);
    add(call, { bytes: -call.bytes, uploads: -call.uploads });
    call.seat.close();
  };
  const closeDead = () => {
    for (const call of calls) if (clock() - call.lastActive > DEAD_MILLISECONDS) close(call);
  };
  /** What the call is short of; null: nothing. */
  const shortage = (call: OpenCall, needs: Holding): keyof Holding | null => {
    const isShort = (kind: keyof Holding) =>
      needs[kind] > 0 && !shares[kind].admits(call.owner, needs[kind], call[kind]);
    const find = () => kinds.find(isShort) ?? null;
    if (find() === null) return null;
    closeDead();
    return find();
  };

  return {
    open(owner) {
      // What they hold is not there for parts either, which ask nobody to give it back.
      closeDead();
      const call: OpenCall = {
        owner,
        seat: turns.join(owner),
        bytes: 0,
        uploads: 0,
        receivedBytes: 0,
        waited: 0,
        waitingSince: null,
        openedAt: clock(),
        lastActive: clock(),
        mustEnd: false,
        look: rest,
        timer: null,
      };
      calls.add(call);
      return {
        seat: call.seat,
        async enter(needs) {
          const deadline = clock() + MAX_WAIT_MILLISECONDS;
          let leaving: OpenCall | null = null;
          for (let short = shortage(call, needs); short !== null; short = shortage(call, needs)) {
            const rivals = rivalsOf(call, needs[short], short, calls, shares[short]);
            if (rivals.length === 0 || clock() >= deadline) throw overloaded();
            if (leaving === null || !calls.has(leaving)) leaving = endSlowest(rivals, clock());
            await scheduler.wait(POLL_MILLISECONDS);
          }
          add(call, needs);
        },
        take(bytes) {
          if (call.mustEnd) throw overtaken();
          const needs = { bytes, uploads: 0 };
          if (shortage(call, needs) !== null) {
            // For the next try.
            endSlowest(rivalsOf(call, bytes, "bytes", calls, shares.bytes), clock());
            throw overloaded();
          }
          add(call, needs);
          call.lastActive = clock();
        },
        borrow(bytes) {
          const isFree = !call.mustEnd && shares.bytes.spares(bytes);
          if (isFree) add(call, { bytes, uploads: 0 });
          return isFree;
        },
        return(bytes) {
          // A call that was closed has given back everything.
          if (calls.has(call)) add(call, { bytes: -bytes, uploads: 0 });
        },
        receive: (reading) => receive(call, reading, limits.maxIdleMilliseconds, clock),
        close: () => close(call),
      };
    },
  };
}

/** The calls of the owner that holds most, if it has several and keeps no less than the asking call would then have. */
function rivalsOf(
  { owner }: OpenCall,
  amount: number,
  kind: keyof Holding,
  calls: ReadonlySet<OpenCall>,
  shares: Shares,
): readonly OpenCall[] {
  const staying = [...calls].filter((call) => call.owner !== owner && call[kind] > 0 && !call.mustEnd);
  const byOwner = Map.groupBy(staying, (call) => call.owner);
  const sum = (ofOwner: readonly OpenCall[]) => ofOwner.reduce((total, call) => total + call[kind], 0);
  const groups = [...byOwner.values()].filter((ofOwner) => ofOwner.length > 1);
  const largest = groups.toSorted((one, other) => sum(other) - sum(one))[0] ?? [];
  return sum(largest) > shares.held(owner) + amount ? largest : [];
}

/** Tells the call that got the fewest bytes per second of waiting for its client to end; null while none counts as slow. */
function endSlowest(rivals: readonly OpenCall[], now: number): OpenCall | null {
  const waitedOf = ({ waited, waitingSince }: OpenCall) => waited + (waitingSince === null ? 0 : now - waitingSince);
  const rateOf = (call: OpenCall) => call.receivedBytes / waitedOf(call);
  const slow = rivals.filter((call) => waitedOf(call) >= GRACE_MILLISECONDS);
  const slowest = slow.toSorted((one, other) => rateOf(one) - rateOf(other))[0] ?? null;
  if (slowest !== null) slowest.mustEnd = true;
  return slowest;
}

/** Awaits the reading, and ends it when the call must end; one timer for all readings of the call. */
async function receive<Bytes extends Uint8Array>(
  call: OpenCall,
  reading: Promise<Bytes>,
  maxIdleMilliseconds: number,
  clock: () => number,
): Promise<Bytes> {
  const since = clock();
  call.waitingSince = since;
  const refused = new Promise<never>((_, reject) => {
    call.look = () => {
      if (call.mustEnd) reject(overtaken());
      else if (clock() - since >= maxIdleMilliseconds) reject(silent(maxIdleMilliseconds));
      else if (clock() - call.openedAt >= MAX_CALL_MILLISECONDS) reject(endless());
    };
    call.timer ??= setInterval(() => call.look(), Math.min(LOOK_MILLISECONDS, maxIdleMilliseconds));
    if (call.mustEnd) reject(overtaken());
  });
  try {
    const bytes = await Promise.race([refused, reading]);
    call.receivedBytes += bytes.byteLength;
    return bytes;
  } finally {
    call.look = rest;
    call.lastActive = clock();
    call.waited += call.lastActive - since;
    call.waitingSince = null;
  }
}

function overloaded(): Problem {
  return new Problem("overloaded", { detail: "Try again in a few seconds.", headers: { "Retry-After": "3" } });
}

function overtaken(): Problem {
  return new Problem("client_too_slow", {
    detail: "Others were waiting, and this was the slowest of several calls of one caller.",
    headers: { "Retry-After": "5" },
  });
}

function endless(): Problem {
  const limit = MAX_CALL_MILLISECONDS / 1000;
  return new Problem("client_too_slow", { detail: `The body took longer than ${limit} seconds.`, members: { limit } });
}

function silent(idleMilliseconds: number): Problem {
  return new Problem("client_too_slow", {
    detail: `Nothing arrived for ${idleMilliseconds / 1000} seconds.`,
    members: { limit: idleMilliseconds / 1000 },
  });
}
