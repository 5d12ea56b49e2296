/** Whose turn it is, with events of the test's own. */
import { describe, expect, test } from "vitest";
import { createTurns, type Seat } from "../../../../src/runtime/admission/turns.ts";

const TURN = 3_000_000;

/** Lets everything run that waits for no event. */
async function settle(): Promise<void> {
  for (let step = 0; step < 20; step++) await Promise.resolve();
}

/** Turns whose events come when the test says so. */
function turnsOf(maxWork = 1e12) {
  let due: (() => void)[] = [];
  const turns = createTurns(maxWork, () => new Promise((resolve) => due.push(resolve)));
  /** Lets everything that is due happen, so often. */
  const pass = async (times = 1) => {
    await settle();
    for (let time = 0; time < times; time++) {
      const now = due;
      due = [];
      for (const resolve of now) {
        resolve();
        // Each runs to its next pause before another one goes on, as events do.
        await settle();
      }
    }
  };
  return { join: (owner: string) => turns.join(owner), pass };
}

/** Works turn after turn, and notes each. */
function work(seat: Seat, name: string, log: string[], count: number, units = TURN): Promise<void> {
  const turn = async () => {
    for (let index = 0; index < count; index++) {
      seat.count(units);
      await seat.pause();
      log.push(name);
    }
  };
  return turn();
}

test("there is no pause before a turn is used up, and one when it is", async () => {
  const { join, pass } = turnsOf();
  const seat = join("a");
  seat.count(TURN - 1);
  expect(seat.pause()).toBeNull();
  seat.count(1);
  const pause = seat.pause();
  expect(pause).not.toBeNull();
  await pass(2);
  await pause;
  expect(seat.pause()).toBeNull();
});

describe("who waits", () => {
  test("goes on after the next events, where nobody else does", async () => {
    const { join, pass } = turnsOf();
    const log: string[] = [];
    void work(join("a"), "a", log, 5);
    await pass();
    expect(log).toEqual(["a"]);
    await pass(3);
    expect(log).toEqual(["a", "a", "a", "a"]);
  });

  test("goes on alone: between two turns lie events", async () => {
    const { join, pass } = turnsOf();
    const log: string[] = [];
    for (const name of ["a", "b", "c", "d"]) void work(join(name), name, log, 100);
    for (let seen = 0, round = 0; round < 50; round++) {
      await pass();
      expect(log.length - seen).toBeLessThanOrEqual(1);
      seen = log.length;
    }
    expect(log.length).toBeGreaterThan(20);
  });

  test("gets as many turns as any other owner, however many calls that one has", async () => {
    const { join, pass } = turnsOf();
    const log: string[] = [];
    for (let index = 0; index < 8; index++) void work(join("many"), `many ${index}`, log, 100);
    void work(join("one"), "one", log, 100);
    void work(join("two"), "two", log, 100);
    await pass(150);
    const turnsOfOwner = (owner: string) => log.filter((name) => name.startsWith(owner)).length;
    expect(turnsOfOwner("many")).toBeGreaterThan(20);
    for (const owner of ["one", "two"]) expect(turnsOfOwner(owner)).toBeCloseTo(turnsOfOwner("many"), -0.5);
  });

  test("comes after older calls of the same owner: one picture is done early instead of all late", async () => {
    const { join, pass } = turnsOf();
    const log: string[] = [];
    const [older, newer] = [join("a"), join("a")];
    void work(newer, "newer", log, 3);
    void work(older, "older", log, 3);
    await pass(30);
    expect(log).toEqual(["older", "older", "older", "newer", "newer", "newer"]);
  });

  test("waits for as many turns as its work had", async () => {
    const { join, pass } = turnsOf();
    const log: string[] = [];
    void work(join("large"), "large", log, 2, 4 * TURN);
    void work(join("small"), "small", log, 8);
    await pass(40);
    expect(log.slice(0, 5)).toEqual(["small", "small", "small", "large", "small"]);
  });

  test("is passed over once it is gone without a word", async () => {
    const log: string[] = [];
    let nextEvents = () => new Promise<void>(() => undefined);
    const turns = createTurns(1e12, () => nextEvents());
    void work(turns.join("gone"), "gone", log, 1);
    await settle();
    nextEvents = () => scheduler.wait(0);
    await Promise.all(["a", "b"].map((name) => work(turns.join(name), name, log, 3)));
    expect(log.toSorted()).toEqual(["a", "a", "a", "b", "b", "b"]);
  });
});

describe("what an owner's calls may cost together", () => {
  test("at it and one over", () => {
    const { join } = turnsOf(1000);
    const [one, other] = [join("a"), join("a")];
    expect(one.take(600)).toBe(true);
    expect(other.take(401)).toBe(false);
    expect(other.take(400)).toBe(true);
    expect(one.take(1)).toBe(false);
  });

  test("is nobody else's", () => {
    const { join } = turnsOf(1000);
    join("a").take(1000);
    expect(join("b").take(1000)).toBe(true);
  });

  test("is given back by each call that closes, as much as it took", () => {
    const { join } = turnsOf(1000);
    const [one, other] = [join("a"), join("a")];
    one.take(600);
    other.take(400);
    one.close();
    expect(other.take(601)).toBe(false);
    expect(join("a").take(600)).toBe(true);
  });

  test("is whole again once the owner has no call", () => {
    const { join } = turnsOf(1000);
    const seat = join("a");
    seat.take(1000);
    seat.close();
    expect(join("a").take(1000)).toBe(true);
  });
});
