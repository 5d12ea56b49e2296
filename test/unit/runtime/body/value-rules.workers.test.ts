/** What a rule says of one value beyond its type, what a field is when it is missing, and the author's own words. */
import { describe, expect, test } from "vitest";
import type { FieldRule, Rule, TextFormat } from "../../../../src/contract/payload-rule.ts";
import type { Json } from "../../../../src/contract/plan.ts";
import { checkPayload } from "../../../../src/runtime/body/validation/check-payload.ts";

const check = (field: Partial<FieldRule> & { readonly rule: Rule }, payload: Json, isForm = false, isComplete = true) =>
  checkPayload([{ kind: "object", fields: [{ name: "x", optional: false, ...field }] }], {
    payload,
    isForm,
    isComplete,
  });
const faultOf = (rule: Rule, value: Json) => check({ rule }, { x: value }).faults[0]?.detail ?? null;

describe("formats", () => {
  const right: Readonly<Record<TextFormat, readonly string[]>> = {
    uuid: ["123e4567-e89b-12d3-a456-426614174000", "123E4567-E89B-12D3-A456-426614174000"],
    ksuid: ["0ujtsYcgvSTl8PAuAdqWYSMnLOv", "aWgEPTl1tmebfsQzFP4bxwgy80V"],
    date: ["2024-02-29", "0001-01-01"],
    "date-time": ["2026-01-31T12:30:00Z", "2026-01-31t23:59:60.123456789+14:00"],
    url: ["https://example.com", "HTTP://localhost:8787/a?b#c", "https://例え.jp/ä"],
  };
  const wrong: Readonly<Record<TextFormat, readonly string[]>> = {
    uuid: ["123e4567e89b12d3a456426614174000", "{123e4567-e89b-12d3-a456-426614174000}", ""],
    ksuid: ["0ujtsYcgvSTl8PAuAdqWYSMnLO", "aWgEPTl1tmebfsQzFP4bxwgy80W", "0ujtsYcgvSTl8PAuAdqWYSMnLO-"],
    date: ["2023-02-29", "2026-1-31", "2026-13-01", "2026-01-31T00:00:00Z", "31.01.2026", ""],
    "date-time": [
      "2026-01-31",
      "2026-01-31T12:30:00",
      "2026-01-31 12:30:00Z",
      "2026-02-30T12:30:00Z",
      "2026-01-31T24:00:00Z",
    ],
    url: ["javascript:alert(1)", "//example.com", "https://", "https://a b", "example.com", "ftp://a", "https:/\\evil"],
  };
  const rows = (list: typeof right) =>
    Object.entries(list).flatMap(([format, texts]) => texts.map((text) => [format as TextFormat, text] as const));

  test.each(rows(right))("%s: %j", (format, text) => {
    expect(faultOf({ kind: "text", format }, text)).toBeNull();
  });
  test.each(rows(wrong))("no %s: %j", (format, text) => {
    expect(faultOf({ kind: "text", format }, text)).toContain("found another");
  });
});

describe("values", () => {
  const rating: Rule = { kind: "number", min: 1, max: 5, integer: true };
  const code: Rule = { kind: "text", pattern: "[A-Z]{2}\\d+|none" };
  test.each<[Rule, Json, string | null]>([
    [rating, 1, null],
    [rating, 5, null],
    [rating, 0, "expected a whole number from 1 to 5, found another"],
    [rating, 2.5, "expected a whole number from 1 to 5, found another"],
    [{ kind: "number", min: 0.5 }, 0.4, "expected a number of at least 0.5, found another"],
    [{ kind: "number", max: -1 }, 0, "expected a number of at most -1, found another"],
    [{ kind: "number", values: [1, 2] }, 3, "expected one of 1, 2, found another"],
    [{ kind: "text", values: ["a", "b"] }, "b", null],
    [{ kind: "text", values: ["a", "b"] }, "B", 'expected one of "a", "b", found another'],
    [code, "AB12", null],
    [code, "none", null],
    [code, "xAB12", "expected a string that matches [A-Z]{2}\\d+|none, found another"],
    [code, "AB12\n", "expected a string that matches [A-Z]{2}\\d+|none, found another"],
    [{ kind: "text", pattern: "\\p{L}{2}" }, "äö", null],
    [
      { kind: "text", min: 3, format: "url" },
      "x",
      "expected an address that begins with https:// or http:// of at least 3 characters, found 1",
    ],
  ])("%j: %j", (rule, value, detail) => {
    expect(faultOf(rule, value)).toBe(detail);
  });

  test("in a form they are texts", () => {
    expect(check({ rule: rating }, { x: "4" }, true).payload).toEqual({ x: 4 });
    expect(check({ rule: rating }, { x: "6" }, true).count).toBe(1);
  });
});

describe("trim", () => {
  const rule: Rule = { kind: "text", min: 2, trim: true };
  test("counts and binds what is left", () => {
    expect(check({ rule }, { x: "\t ab\u00a0\n" }).payload).toEqual({ x: "ab" });
    expect(check({ rule }, { x: " a " }).faults[0]?.detail).toBe("expected a string of at least 2 characters, found 1");
    expect(check({ rule: { kind: "list", items: rule } }, { x: [" ab ", "cd"] }).payload).toEqual({ x: ["ab", "cd"] });
    expect(check({ rule: { kind: "email", trim: true } }, { x: " a@b.cd " }).payload).toEqual({ x: "a@b.cd" });
  });
  test("a blank optional field of a form was not sent", () => {
    expect(check({ rule, optional: true }, { x: "  " }, true).payload).toEqual({ x: null });
  });
});

describe("default", () => {
  const rule: Rule = { kind: "number", min: 1 };
  const field = { rule, optional: true, default: 20 };
  test.each<[string, Json, boolean, Json]>([
    ["missing", {}, false, { x: 20 }],
    ["no body", null, false, { x: 20 }],
    ["null", { x: null }, false, { x: 20 }],
    ["there", { x: 3, y: 1 }, false, { x: 3, y: 1 }],
    ["missing in a form", { y: "1" }, true, { x: 20, y: "1" }],
    ["empty in a form", { x: "" }, true, { x: 20 }],
    ["there in a form", { x: "3" }, true, { x: 3 }],
  ])("%s", (_, payload, isForm, expected) => {
    const verdict = check(field, payload, isForm);
    expect(verdict.count).toBe(0);
    expect({ ...(verdict.payload as object) }).toEqual(expected);
  });
  test("what is there is checked all the same", () => {
    expect(check(field, { x: 0 }).count).toBe(1);
  });
});

describe("message", () => {
  const rule: Rule = { kind: "object", fields: [{ name: "y", optional: false, rule: { kind: "text", min: 1 } }] };
  test("is told for whatever is wrong at the field or in it, and nowhere else", () => {
    const fields: FieldRule[] = [
      { name: "x", optional: false, rule, message: "Where do you live?" },
      { name: "z", optional: false, rule: { kind: "number" } },
    ];
    const told = (payload: Json) =>
      checkPayload([{ kind: "object", fields }], { payload, isForm: false, isComplete: true }).faults;
    expect(told({})).toEqual([
      { pointer: "/x", detail: "Where do you live?" },
      { pointer: "/z", detail: "is missing; expected a number" },
    ]);
    expect(told({ x: { y: "" }, z: 1 })).toEqual([{ pointer: "/x/y", detail: "Where do you live?" }]);
  });
});
