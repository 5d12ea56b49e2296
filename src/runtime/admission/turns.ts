/**
 * Splits long work into turns, so that however many calls have some, everything else in the isolate waits for one turn
 * at most. Lives as long as the isolate.
 *
 * State is plain data: a waiting call polls, because a promise of one call cannot be settled from another.
 */

/** Work units of a turn: about 10 ms. */
export const TURN_WORK = 3_000_000;
/** A call that has not polled while each of the others did so this often was cut off by the platform. */
const MAX_MISSED_LOOKS = 100;

/** One call's place among those that do long work. */
export interface Seat {
  /** Reserves units of what the owner's calls may cost together; false when fewer are left. */
  take(units: number): boolean;
  /** Records work that is done in this turn. */
  count(units: number): void;
  /** Await it before doing more; null while the turn lasts. */
  pause(): Promise<void> | null;
  /** Gives back what was reserved. Called once. */
  close(): void;
}

export interface Turns {
  join(owner: string): Seat;
}

/** For work that nobody else waits for. */
export const soleSeat: Seat = { take: () => true, count: () => {}, pause: () => null, close: () => {} };

interface Owner {
  calls: number;
  work: number;
  /** The number of its last turn. */
  turn: number;
}

interface Waiting {
  readonly owner: Owner;
  /** The number of the call. */
  readonly call: number;
  /** The number of its last look. */
  look: number;
}

/**
 * @param maxWork what all calls of one owner may cost at a time
 * @param nextEvents resolves once the isolate has been able to handle other events
 */
export function createTurns(maxWork: number, nextEvents: () => Promise<void>): Turns {
  const owners = new Map<string, Owner>();
  const waiting = new Set<Waiting>();
  let calls = 0;
  let turns = 0;
  let looks = 0;

  /** Next is the oldest call of the owner whose last turn is longest ago. */
  function isNext(one: Waiting): boolean {
    for (const other of waiting) {
      if (looks - other.look > waiting.size * MAX_MISSED_LOOKS) waiting.delete(other);
      else if ((other.owner.turn - one.owner.turn || other.call - one.call) < 0) return false;
    }
    return true;
  }

  return {
    join(name) {
      const owner = owners.get(name) ?? { calls: 0, work: 0, turn: 0 };
      owners.set(name, owner);
      owner.calls++;
      const one: Waiting = { owner, call: ++calls, look: 0 };
      let work = 0;
      let left = TURN_WORK;
      let events = Promise.resolve();
      let turnsBefore = -1;

      async function pause(): Promise<void> {
        while (left <= 0) {
          waiting.add(one);
          one.look = ++looks;
          await events;
          // Other events must come between two turns, and not only other calls' polls.
          if (turns === turnsBefore && isNext(one)) {
            waiting.delete(one);
            owner.turn = ++turns;
            left += TURN_WORK;
          }
          // Also at the beginning of a turn: where nobody else waits, its time is waiting time enough.
          turnsBefore = turns;
          events = nextEvents();
        }
      }

      return {
        take(units) {
          if (owner.work + units > maxWork) return false;
          work += units;
          owner.work += units;
          return true;
        },
        count(units) {
          left -= units;
        },
        pause: () => (left > 0 ? null : pause()),
        close() {
          owner.work -= work;
          if (--owner.calls === 0) owners.delete(name);
        },
      };
    },
  };
}
