/**
 * Makes tests of checks: one for each attack at each door. The names of the levels (attack, door, variant) are what the
 * summary counts by.
 */
import { describe, test } from "vitest";
import { expectUntouched, forgetState } from "./state.ts";

export interface Check {
  readonly door: string;
  /** What is done, unlike every other check at this door. */
  readonly variant: string;
  readonly run: () => Promise<void>;
}

export interface SuiteOptions {
  /** The checks must leave bucket and tables as they are. */
  readonly leavesNothing?: boolean;
}

/** @param title the number of the attack in docs/attacks.md, then its name */
export function suite(title: `${number} ${string}`, checks: readonly Check[], options: SuiteOptions = {}): void {
  const doors = Map.groupBy(checks, ({ door }) => door);
  describe(title, () => {
    for (const [door, rows] of doors) {
      const names = new Set(rows.map(({ variant }) => variant));
      if (names.size !== rows.length) throw new Error(`${title}: a variant stands twice at ${door}`);
      describe(door, () => {
        for (const { variant, run } of rows) {
          const work = options.leavesNothing === true ? () => expectUntouched(run) : runAnew(run);
          test(variant, work);
        }
      });
    }
  });
}

const runAnew = (run: Check["run"]): Check["run"] => {
  return () => {
    forgetState();
    return run();
  };
};

/** Every door with every variant. */
export function across<DoorLike extends { readonly name: string }, Variant>(
  doors: readonly DoorLike[],
  variants: readonly (readonly [name: string, variant: Variant])[],
  run: (door: DoorLike, variant: Variant) => Promise<void>,
): readonly Check[] {
  return doors.flatMap((door) =>
    variants.map(([name, variant]) => ({ door: door.name, variant: name, run: () => run(door, variant) })),
  );
}

/** Names for values that are their own names: in ASCII, which every report can show. */
export const named = <Value>(values: readonly Value[]): readonly (readonly [string, Value])[] =>
  values.map((value) => {
    const text = JSON.stringify(value).replace(
      /[^ -~]/g,
      (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`,
    );
    return [text.length <= 60 ? text : `${text.slice(0, 50)}… (${text.length})`, value];
  });
