/**
 * Where hashes wait: an isolate computes one at a time, and other events come between two. Lives as long as the isolate.
 *
 * State is plain data: a promise of one request cannot be settled from another, so a waiting call polls.
 */
import type { CallAccount } from "../admission/ledger.ts";
import { Problem } from "../../contract/problem.ts";

const MAX_WAITING = 16;
/** Of one caller, or of one network: half, so that nobody keeps all others out. */
const MAX_OF_OWNER = 8;
const POLL_MILLISECONDS = 10;
/** A call that has not polled for so long was cut off; the longest hash takes less. */
const LOST_MILLISECONDS = 10_000;

interface Waiting {
  readonly owner: string;
  looked: number;
}

const queue = new Set<Waiting>();

export interface HashOptions {
  readonly owner: string;
  readonly account: CallAccount | undefined;
  readonly memoryBytes: number;
}

/** Computes when it is this call's turn. @throws Problem `overloaded` where too many wait, or memory is short */
export async function inTurn<Result>(options: HashOptions, compute: () => Result): Promise<Result> {
  const { owner, account, memoryBytes } = options;
  forgetLost();
  const ofOwner = [...queue].filter((other) => other.owner === owner).length;
  if (queue.size >= MAX_WAITING || ofOwner >= MAX_OF_OWNER) {
    throw new Problem("overloaded", {
      detail: "Too many passwords are being checked: try again in a few seconds.",
      headers: { "Retry-After": "3" },
    });
  }
  const own: Waiting = { owner, looked: performance.now() };
  queue.add(own);
  try {
    do {
      await scheduler.wait(POLL_MILLISECONDS);
      own.looked = performance.now();
      forgetLost();
    } while (queue.values().next().value !== own);
    account?.take(memoryBytes);
    try {
      return compute();
    } finally {
      account?.return(memoryBytes);
    }
  } finally {
    queue.delete(own);
  }
}

function forgetLost(): void {
  for (const waiting of queue) {
    if (performance.now() - waiting.looked > LOST_MILLISECONDS) queue.delete(waiting);
  }
}
