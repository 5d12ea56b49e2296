/** Who is let in and who has to go, with a clock of the test's own; real waits are short. */
import { describe, expect, test } from "vitest";
import { createLedger, type CallAccount } from "../../../../src/runtime/admission/ledger.ts";

const PLACE = { bytes: 0, uploads: 1 };
const never = new Promise<Uint8Array>(() => undefined);

function ledgerOf(limits: Partial<Parameters<typeof createLedger>[0]> = {}) {
  let skipped = 0;
  const ledger = createLedger(
    { maxBytes: 1000, maxUploads: 12, maxIdleMilliseconds: 60_000, maxPictureWork: 1000, ...limits },
    () => performance.now() + skipped,
  );
  return { ledger, skip: (milliseconds: number) => void (skipped += milliseconds) };
}

/** A call that waits for its client, and how it ended. */
async function enterWaiting(ledger: ReturnType<typeof createLedger>, owner: string, received = 0) {
  const account = ledger.open(owner);
  await account.enter(PLACE);
  if (received > 0) await account.receive(Promise.resolve(new Uint8Array(received)));
  const ended = account
    .receive(never)
    .catch((error: { code: string }) => error.code)
    .finally(() => account.close());
  return { account, ended };
}

const code = (work: Promise<unknown>) =>
  work.then(
    () => "ok",
    (error: { code: string }) => error.code,
  );

describe("places", () => {
  test("one owner gets two thirds, the next is refused at once", async () => {
    const { ledger } = ledgerOf();
    for (let count = 0; count < 8; count++) await enterWaiting(ledger, "a");
    expect(await code(ledger.open("a").enter(PLACE))).toBe("overloaded");
  });

  test("six calls of one owner are let into an idle isolate", async () => {
    const { ledger } = ledgerOf();
    const codes = Array.from({ length: 6 }, () => code(ledger.open("a").enter(PLACE)));
    expect(new Set(await Promise.all(codes))).toEqual(new Set(["ok"]));
  });

  test("for an owner without a place the slowest call of the largest owner ends", async () => {
    const { ledger, skip } = ledgerOf({ maxUploads: 4 });
    const quick = await enterWaiting(ledger, "a", 5000);
    const slow = await enterWaiting(ledger, "a", 10);
    await enterWaiting(ledger, "a", 3000);
    const single = await enterWaiting(ledger, "b");
    skip(3000);
    expect(await code(ledger.open("c").enter(PLACE))).toBe("ok");
    expect(await slow.ended).toBe("client_too_slow");
    expect(await Promise.race([quick.ended, single.ended, Promise.resolve("running")])).toBe("running");
  });

  test("an owner with one place is never the victim, however slow", async () => {
    const { ledger, skip } = ledgerOf({ maxUploads: 3 });
    for (const owner of ["a", "b", "c"]) await enterWaiting(ledger, owner);
    skip(50_000);
    expect(await code(ledger.open("d").enter(PLACE))).toBe("overloaded");
  });

  test("who would then hold more than the victim's owner is refused", async () => {
    const { ledger, skip } = ledgerOf({ maxUploads: 4 });
    for (const owner of ["a", "a", "b", "b"]) await enterWaiting(ledger, owner);
    skip(3000);
    expect(await code(ledger.open("b").enter(PLACE))).toBe("overloaded");
  });

  test("calls that come at once each end a call of their own", async () => {
    const { ledger, skip } = ledgerOf({ maxUploads: 6 });
    const held = [];
    for (let count = 0; count < 4; count++) held.push(await enterWaiting(ledger, "a", count + 1));
    for (let count = 0; count < 2; count++) await enterWaiting(ledger, `b${count}`);
    skip(3000);
    const codes = ["c", "d"].map((owner) => code(ledger.open(owner).enter(PLACE)));
    expect(await Promise.all(codes)).toEqual(["ok", "ok"]);
    expect(await Promise.all(held.slice(0, 2).map(({ ended }) => ended))).toEqual([
      "client_too_slow",
      "client_too_slow",
    ]);
  });

  test("nobody is called slow before two seconds of waiting: the newcomer waits, then is refused", async () => {
    const { ledger, skip } = ledgerOf({ maxUploads: 2 });
    for (const owner of ["a", "a"]) await enterWaiting(ledger, owner);
    const entering = code(ledger.open("b").enter(PLACE));
    setTimeout(() => skip(10_000), 200);
    // By then both calls of `a` are slow, but it is too late to wait for one.
    expect(await entering).toBe("overloaded");
  });

  test("a call that the platform cut off does not hold its place for ever", async () => {
    const { ledger, skip } = ledgerOf({ maxUploads: 1 });
    await ledger.open("a").enter(PLACE);
    expect(await code(ledger.open("b").enter(PLACE))).toBe("overloaded");
    skip(900_001);
    await enterWaiting(ledger, "b").catch(() => undefined);
    expect(await code(ledger.open("c").enter(PLACE))).toBe("overloaded");
  });
});

const take = (account: CallAccount, bytes: number) => {
  try {
    account.take(bytes);
    return "ok";
  } catch (error) {
    return (error as { code: string }).code;
  }
};

describe("bytes", () => {
  test("an only call may take everything, and not a byte more", () => {
    const { ledger } = ledgerOf();
    const account = ledger.open("a");
    expect(take(account, 1000)).toBe("ok");
    expect(take(account, 1)).toBe("overloaded");
  });

  test("several calls of one owner leave a third for others, who may use it", () => {
    const { ledger } = ledgerOf();
    expect([take(ledger.open("a"), 400), take(ledger.open("a"), 267), take(ledger.open("a"), 268)]).toEqual([
      "ok",
      "ok",
      "overloaded",
    ]);
    expect(take(ledger.open("b"), 333)).toBe("ok");
  });

  test("what a call took is there again when it ends, once", () => {
    const { ledger } = ledgerOf();
    const account = ledger.open("a");
    account.take(1000);
    account.close();
    account.close();
    expect(take(ledger.open("b"), 1000)).toBe("ok");
    expect(take(ledger.open("c"), 1)).toBe("overloaded");
  });

  test("who finds nothing left ends the slowest call of the owner that holds most", async () => {
    const { ledger, skip } = ledgerOf();
    const slow = ledger.open("a");
    slow.take(500);
    const ended = slow.receive(never).catch((error: { code: string }) => error.code);
    const other = ledger.open("a");
    other.take(150);
    ledger.open("c").take(350);
    skip(3000);
    expect(take(ledger.open("b"), 100)).toBe("overloaded");
    expect(await ended).toBe("client_too_slow");
    expect(take(slow, 1)).toBe("client_too_slow");
    slow.close();
    expect(take(ledger.open("b"), 100)).toBe("ok");
  });
});

describe("borrowed bytes", () => {
  test("are those beyond what is kept for others, even for an only call", () => {
    const { ledger } = ledgerOf();
    const account = ledger.open("a");
    account.take(500);
    expect([account.borrow(168), account.borrow(167), account.borrow(1)]).toEqual([false, true, false]);
    expect(take(ledger.open("b"), 333)).toBe("ok");
    account.return(167);
    expect(take(ledger.open("c"), 167)).toBe("ok");
  });

  test("go back with the call, once", () => {
    const { ledger } = ledgerOf();
    const account = ledger.open("a");
    expect(account.borrow(600)).toBe(true);
    account.close();
    account.return(600);
    expect(take(ledger.open("b"), 1000)).toBe("ok");
    expect(take(ledger.open("c"), 1)).toBe("overloaded");
  });
});

describe("silence", () => {
  test("ends a call that receives nothing", async () => {
    const { ledger } = ledgerOf({ maxIdleMilliseconds: 100 });
    await expect(ledger.open("a").receive(never)).rejects.toMatchObject({ code: "client_too_slow" });
  });

  test("does not end one that receives a byte now and then", async () => {
    const { ledger } = ledgerOf({ maxIdleMilliseconds: 100 });
    const account = ledger.open("a");
    for (let count = 0; count < 5; count++) {
      const next = new Promise<Uint8Array>((resolve) => setTimeout(() => resolve(new Uint8Array(1)), 50));
      expect(await account.receive(next)).toHaveLength(1);
    }
  });

  test("is not the only end: whoever sends for 45 minutes is ended, too", async () => {
    const { ledger, skip } = ledgerOf({ maxIdleMilliseconds: 3_600_000 });
    const account = ledger.open("a");
    skip(2_600_000);
    expect(await account.receive(Promise.resolve(new Uint8Array(1)))).toHaveLength(1);
    const ended = account.receive(never);
    skip(100_000);
    await expect(ended).rejects.toMatchObject({ code: "client_too_slow", members: { limit: 2700 } });
  });

  test("what the reading itself throws is passed on", async () => {
    const error = new Error("gone");
    await expect(ledgerOf().ledger.open("a").receive(Promise.reject(error))).rejects.toBe(error);
  });
});
