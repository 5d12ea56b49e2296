import { expect, test } from "vitest";
import { generate } from "../../../../src/runtime/call/generators.ts";
import type { GeneratorKind } from "../../../../src/contract/plan/reference.ts";

const now = new Date("2026-11-22T08:00:00.000Z");

test.each<[GeneratorKind, RegExp]>([
  ["KSUID", /^[0-9A-Za-z]{27}$/],
  ["ULID", /^[0-7][0-9A-HJKMNP-TV-Z]{25}$/],
  ["UUID", /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/],
  ["SHORTUUID", /^[2-9A-HJ-NP-Za-km-z]{22}$/],
  ["CUID2", /^[a-z][0-9a-z]{23}$/],
  ["NANOID", /^[\w-]{21}$/],
])("%s has its form and does not repeat", (kind, form) => {
  const ids = Array.from({ length: 1000 }, () => generate(kind, now));
  for (const id of ids) expect(id).toMatch(form);
  expect(new Set(ids).size).toBe(1000);
});

test.each<GeneratorKind>(["KSUID", "ULID"])("%s sorts by time", (kind) => {
  const ids = Array.from({ length: 50 }, (_, index) => generate(kind, new Date(now.getTime() + index * 1000)));
  expect(ids.toSorted()).toEqual(ids);
});

test("a KSUID and a ULID carry the moment", () => {
  const alphabet = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
  const value = Array.from(generate("KSUID", now)).reduce(
    (sum, digit) => sum * 62n + BigInt(alphabet.indexOf(digit)),
    0n,
  );
  expect(Number(value >> 128n) + 1_400_000_000).toBe(now.getTime() / 1000);
  const crockford = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";
  const time = Array.from(generate("ULID", now).slice(0, 10)).reduce(
    (sum, digit) => sum * 32 + crockford.indexOf(digit),
    0,
  );
  expect(time).toBe(now.getTime());
});
