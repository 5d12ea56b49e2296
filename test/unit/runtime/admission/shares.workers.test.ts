import { describe, expect, test } from "vitest";
import { createShares } from "../../../../src/runtime/admission/shares.ts";

/** Takes while it may; what of `tries` was let in, by owner. */
function take(total: number, tries: readonly string[]): Record<string, number> {
  const shares = createShares(total);
  const taken: Record<string, number> = {};
  for (const owner of tries) {
    if (!shares.admits(owner, 1, 0)) continue;
    shares.add(owner, 1);
    taken[owner] = (taken[owner] ?? 0) + 1;
  }
  return taken;
}

const times = (count: number, owner: string) => Array.from({ length: count }, () => owner);

describe("createShares", () => {
  test.each([
    ["one owner leaves a third", 12, times(20, "a"), { a: 8 }],
    ["of one place nothing can be kept", 1, times(3, "a"), { a: 1 }],
    ["of two neither", 2, times(3, "a"), { a: 2 }],
    ["of three one is kept", 3, times(4, "a"), { a: 2 }],
    ["who holds less than another may have what is kept", 12, [...times(9, "a"), ...times(9, "b")], { a: 8, b: 4 }],
    [
      "twelve owners have one each",
      12,
      "abcdefghijklm".split(""),
      Object.fromEntries("abcdefghijkl".split("").map((o) => [o, 1])),
    ],
    ["who is equal to all others may not", 3, ["a", "b", "a", "b", "c"], { a: 1, b: 1, c: 1 }],
  ])("%s", (_title, total, tries, taken) => {
    expect(take(total, tries)).toEqual(taken);
  });

  test("an owner's only call goes on into what is kept, a second one does not", () => {
    const shares = createShares(100);
    shares.add("a", 60);
    expect(shares.admits("a", 40, 60)).toBe(true);
    expect(shares.admits("a", 41, 60)).toBe(false);
    expect(shares.admits("a", 40, 20)).toBe(false);
  });

  test("what is given back is free again, and nothing of it stays", () => {
    const shares = createShares(2);
    shares.add("a", 2);
    expect(shares.admits("b", 1, 0)).toBe(false);
    shares.add("a", -2);
    expect(shares.held("a")).toBe(0);
    expect(shares.admits("b", 2, 0)).toBe(true);
  });
});
