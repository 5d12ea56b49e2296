/** Parts and calls of one isolate share what there is. */
import { afterEach, beforeEach, expect, test } from "vitest";
import { isolateMemory } from "../../../../src/runtime/admission/isolate-memory.ts";
import { createShares } from "../../../../src/runtime/admission/shares.ts";
import { createPartMemory, type Loan } from "../../../../src/runtime/resumable/object/part-memory.ts";

const memory = createPartMemory(100);
const loans: (Loan | null)[] = [];
const borrow = (bytes: number) => {
  const loan = memory.borrow(bytes);
  loans.push(loan);
  return loan !== null;
};

/** Of calls and uploads that tests of other files have cut off: the isolate is theirs, too. */
const elsewhere = { calls: 0, parts: 0 };
const kinds = ["calls", "parts"] as const;

beforeEach(() => {
  for (const kind of kinds) {
    elsewhere[kind] = isolateMemory.bytesOf(kind);
    isolateMemory.add(kind, -elsewhere[kind]);
  }
});

afterEach(() => {
  for (const loan of loans.splice(0)) loan?.close();
  expect(kinds.map((kind) => isolateMemory.bytesOf(kind))).toEqual([0, 0]);
  for (const kind of kinds) isolateMemory.add(kind, elsewhere[kind]);
});

/** As if calls held so much. */
function beside(bytes: number, work: () => void): void {
  isolateMemory.add("calls", bytes);
  try {
    work();
  } finally {
    isolateMemory.add("calls", -bytes);
  }
}

test("parts have four fifths, at it and one over", () => {
  expect([borrow(40), borrow(40), borrow(1)]).toEqual([true, true, false]);
  expect(() => memory.mustBorrow(1)).toThrow(expect.objectContaining({ code: "overloaded" }) as Error);
});

test("what is given back twice is given back once", () => {
  borrow(40);
  const loan = memory.mustBorrow(40);
  loan.close();
  loan.close();
  expect([borrow(40), borrow(1)]).toEqual([true, false]);
});

test("what calls hold is not there for parts", () => {
  beside(50, () => expect([borrow(30), borrow(20), borrow(1)]).toEqual([true, true, false]));
});

test("one upload goes on, however much calls hold", () => {
  beside(100, () => expect([borrow(8), borrow(1)]).toEqual([true, false]));
  beside(100, () => expect([borrow(8), borrow(0)]).toEqual([false, true]));
});

test("what parts hold is not there for calls", () => {
  const shares = createShares(100, () => 60);
  expect([shares.admits("ann", 40, 0), shares.admits("ann", 41, 0)]).toEqual([true, false]);
  expect([shares.spares(7), shares.spares(8)]).toEqual([true, false]);
});
