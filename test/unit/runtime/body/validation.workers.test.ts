/** The interpreter of payload rules: what passes, what is told, what a form's text becomes. */
import { describe, expect, test } from "vitest";
import { checkPayload } from "../../../../src/runtime/body/validation/check-payload.ts";
import { isEmail } from "../../../../src/runtime/body/validation/email.ts";
import type { FieldRule, Rule } from "../../../../src/contract/payload-rule.ts";
import type { Json } from "../../../../src/contract/plan.ts";

const field = (name: string, rule: Rule, optional = false): FieldRule => ({ name, optional, rule });
const object = (...fields: FieldRule[]): Rule => ({ kind: "object", fields });
const text: Rule = { kind: "text" };
const email: Rule = { kind: "email" };
const number: Rule = { kind: "number" };
const texts = (min?: number, max?: number): Rule => ({
  kind: "list",
  items: { kind: "text", ...(min === undefined ? {} : { min }), ...(max === undefined ? {} : { max }) },
});

const json = (rule: Rule | readonly Rule[], payload: Json) =>
  checkPayload([rule].flat(), { payload, isForm: false, isComplete: true });
const form = (rule: Rule, payload: Json, isComplete = true) =>
  checkPayload([rule], { payload, isForm: true, isComplete });

/** `pointer detail` of each fault. */
const told = (rule: Rule | readonly Rule[], payload: Json) =>
  json(rule, payload).faults.map(({ pointer, detail }) => `${pointer} ${detail}`);

describe("types", () => {
  test.each<[string, Rule, Json, string | null]>([
    ["text", text, "", null],
    ["text", text, 5, "expected a string, found a number"],
    ["text", text, ["a"], "expected a string, found an array"],
    ["text", text, null, "expected a string, found null"],
    ["text", text, true, "expected a string, found a boolean"],
    ["number", number, 0, null],
    ["number", number, -1.5e300, null],
    ["number", number, "5", "expected a number, found a string"],
    ["number", number, JSON.parse("1e999") as Json, "expected a number, found one too large to hold"],
    ["email", email, "a@example.com", null],
    ["email", email, "a", "expected an e-mail address of at most 254 bytes, such as name@example.com"],
    ["email", email, {}, "expected an e-mail address, found an object"],
    ["object", object(), {}, null],
    ["object", object(), [], "expected an object, found an array"],
    ["list", { kind: "list" }, [1, null, {}], null],
    ["list", { kind: "list" }, "a", "expected an array, found a string"],
    ["list", { kind: "list" }, { length: 1 }, "expected an array, found an object"],
    ["texts", texts(), [], null],
    ["texts", texts(), ["a", "b"], null],
  ])("%s: %j %j", (_, rule, value, detail) => {
    expect(told(object(field("x", rule)), { x: value })).toEqual(detail === null ? [] : [`/x ${detail}`]);
  });
});

describe("limits, at each and one beyond", () => {
  const between: Rule = { kind: "text", min: 3, max: 5 };
  test.each<[Rule, Json, string | null]>([
    [between, "abc", null],
    [between, "ab", "expected a string of 3 to 5 characters, found 2"],
    [between, "abcde", null],
    [between, "abcdef", "expected a string of 3 to 5 characters, found 6"],
    // Code points: an emoji counts once, a letter with a combining accent twice.
    [between, "🙂🙂🙂🙂🙂", null],
    [between, "🙂🙂🙂🙂🙂🙂", "expected a string of 3 to 5 characters, found 6"],
    [between, "🙂🙂", "expected a string of 3 to 5 characters, found 2"],
    [{ kind: "text", max: 1 }, "e\u0301", "expected a string of at most 1 character, found 2"],
    [{ kind: "text", min: 3 }, "ab", "expected a string of at least 3 characters, found 2"],
    [{ kind: "text", min: 4, max: 4 }, "abc", "expected a string of exactly 4 characters, found 3"],
    [{ kind: "text", max: 255 }, "x".repeat(255), null],
    [{ kind: "text", max: 255 }, "x".repeat(256), "expected a string of at most 255 characters, found 256"],
    [{ kind: "email", max: 13 }, "a@example.com", null],
    [{ kind: "email", max: 12 }, "a@example.com", "expected an e-mail address of at most 12 characters, found 13"],
    [{ kind: "list", max: 4 }, [1, 2, 3, 4], null],
    [{ kind: "list", max: 4 }, [1, 2, 3, 4, 5], "expected an array of at most 4 items, found 5"],
    [{ kind: "list", min: 1 }, [], "expected an array of at least 1 item, found 0"],
  ])("%j %j", (rule, value, detail) => {
    expect(told(object(field("x", rule)), { x: value })).toEqual(detail === null ? [] : [`/x ${detail}`]);
  });

  test("items", () => {
    expect(told(object(field("tags", texts(2, 3))), { tags: ["ab", "a", "abc", "abcd", 7] })).toEqual([
      "/tags/1 expected a string of 2 to 3 characters, found 1",
      "/tags/3 expected a string of 2 to 3 characters, found 4",
      "/tags/4 expected a string of 2 to 3 characters, found a number",
    ]);
  });
});

describe("missing and optional", () => {
  const rule = object(field("name", { kind: "text", min: 2, max: 9 }), field("age", number, true));
  test.each<[string, Json, string[]]>([
    ["there", { name: "Ada", age: 36 }, []],
    ["optional missing", { name: "Ada" }, []],
    ["optional null", { name: "Ada", age: null }, []],
    ["optional wrong", { name: "Ada", age: "36" }, ["/age expected a number, found a string"]],
    ["missing", {}, ["/name is missing; expected a string of 2 to 9 characters"]],
    ["null", { name: null }, ["/name expected a string of 2 to 9 characters, found null"]],
    ["no body", null, ["/name is missing; expected a string of 2 to 9 characters"]],
    ["a list", [{ name: "Ada" }], [" expected an object, found an array"]],
    ["a text", "name", [" expected an object, found a string"]],
    ["more than asked for", { name: "Ada", other: [1] }, []],
  ])("%s", (_, payload, faults) => {
    expect(told(rule, payload)).toEqual(faults);
  });
});

describe("deep and large", () => {
  const deep = ["a", "b", "c", "d", "e"].reduceRight<Rule>((inner, name) => object(field(name, inner)), {
    kind: "text",
    max: 3,
  });

  test("five deep", () => {
    const payload = (leaf: Json): Json => ({ a: { b: { c: { d: { e: leaf } } } } });
    expect(told(deep, payload("abc"))).toEqual([]);
    expect(told(deep, payload("abcd"))).toEqual(["/a/b/c/d/e expected a string of at most 3 characters, found 4"]);
    expect(told(deep, { a: { b: { c: [] } } })).toEqual(["/a/b/c expected an object, found an array"]);
    expect(told(deep, { a: { b: {} } })).toEqual(["/a/b/c is missing; expected an object"]);
  });

  test("a payload far deeper than the rules is not followed", () => {
    const depth = 100_000;
    const payload = { x: JSON.parse("[".repeat(depth) + "]".repeat(depth)) as Json };
    expect(told(object(field("x", { kind: "list" })), payload)).toEqual([]);
  });

  test("10,000 items", () => {
    const items = Array.from({ length: 10_000 }, (_, index) => `tag-${index}`);
    expect(told(object(field("tags", texts(1, 20))), { tags: items })).toEqual([]);
    expect(told(object(field("tags", texts(1, 7))), { tags: items })).toEqual(
      items
        .slice(1000, 1050)
        .map((_, index) => `/tags/${1000 + index} expected a string of 1 to 7 characters, found 8`),
    );
  });

  test("50 faults are listed, the others counted, up to 1000", () => {
    const rule = object(field("tags", texts(1)));
    const empty = (count: number) => ({ tags: Array.from({ length: count }, () => "") });
    expect(json(rule, empty(50))).toMatchObject({ count: 50, faults: { length: 50 } });
    expect(json(rule, empty(51))).toMatchObject({ count: 51, faults: { length: 50 } });
    expect(json(rule, empty(10_000))).toMatchObject({ count: 1000, faults: { length: 50 } });
  });

  test("a list that is too long is not looked into", () => {
    const rule = object(field("tags", { kind: "list", max: 2, items: number }));
    expect(told(rule, { tags: ["a", "b", "c"] })).toEqual(["/tags expected an array of at most 2 items, found 3"]);
  });

  test("pointers are escaped", () => {
    expect(told(object(field("a/b~c", object(field("", text)))), { "a/b~c": {} })).toEqual([
      "/a~1b~0c/ is missing; expected a string",
    ]);
  });
});

describe("names of prototypes", () => {
  test("what a prototype has is not there", () => {
    const names = ["toString", "constructor", "__proto__", "hasOwnProperty"];
    const rule = object(...names.map((name) => field(name, object())));
    expect(told(rule, {})).toEqual(names.map((name) => `/${name} is missing; expected an object`));
  });

  test("a __proto__ in a body is a member like any other, and provides nothing", () => {
    const payload = JSON.parse('{"__proto__": {"name": "Ada"}, "constructor": {"name": "Eve"}}') as Json;
    expect(told(object(field("name", text)), payload)).toEqual(["/name is missing; expected a string"]);
    expect(({} as Record<string, unknown>)["name"]).toBeUndefined();
  });

  test("a form's __proto__ survives the copy that numbers need", () => {
    const fields = Object.assign(Object.create(null) as Record<string, Json>, { n: "5" });
    fields["__proto__"] = "polluted";
    const { payload } = form(object(field("n", number)), fields);
    expect(Object.entries(payload as object)).toEqual([
      ["n", 5],
      ["__proto__", "polluted"],
    ]);
    expect(fields["n"]).toBe("5");
  });
});

test("rules of several steps are one list of faults, each once, and one payload", () => {
  const first = object(field("a", text), field("b", number));
  const second = object(field("b", number), field("c", text));
  expect(told([first, second], { b: "x" })).toEqual([
    "/a is missing; expected a string",
    "/b expected a number, found a string",
    "/c is missing; expected a string",
  ]);
  const sent = { a: "1", b: "2", c: "3" };
  const verdict = checkPayload([first, second], { payload: sent, isForm: true, isComplete: true });
  expect(verdict).toEqual({ payload: { a: "1", b: 2, c: "3" }, faults: [], count: 0 });
});

test("one object per element of a list", () => {
  const rule: Rule = { kind: "list", min: 1, max: 3, items: object(field("mail", email)) };
  expect(told(rule, [{ mail: "a@b.test" }, { mail: "@" }, 5])).toEqual([
    "/1/mail expected an e-mail address of at most 254 bytes, such as name@example.com",
    "/2 expected an object, found a number",
  ]);
  expect(told(rule, [])).toEqual([" expected an array of 1 to 3 items, found 0"]);
  expect(told(rule, null)).toEqual([" expected an array of 1 to 3 items, found null"]);
});

describe("forms", () => {
  const refusedNumber = "expected a number such as 12 or -0.5, whole ones up to 9007199254740991";
  test.each<[string, Json, Json | string]>([
    ["whole", "42", 42],
    ["negative", "-7", -7],
    ["fraction", "0.5", 0.5],
    ["no leading digit", ".5", 0.5],
    ["exponent", "1e3", 1000],
    ["leading zeros", "007", 7],
    ["largest", "9007199254740991", 9007199254740991],
    ["largest that is followed by a gap", "9007199254740992", 9007199254740992],
    ["in the gap", "9007199254740993", refusedNumber],
    ["fraction of too many digits", "0.12345678901234567890", refusedNumber],
    ["infinite", "1e999", refusedNumber],
    ["empty", "", refusedNumber],
    ["space", " 5", refusedNumber],
    ["hexadecimal", "0x10", refusedNumber],
    ["words", "five", refusedNumber],
    ["separators", "1,000", refusedNumber],
    ["plus", "+5", refusedNumber],
    ["infinity", "Infinity", refusedNumber],
    ["sent twice", ["1", "2"], "expected a number, found an array"],
  ])("number: %s", (_, sent, expected) => {
    const { payload, faults } = form(object(field("n", number)), { n: sent });
    if (typeof expected === "number") expect([payload, faults]).toEqual([{ n: expected }, []]);
    else expect(faults).toEqual([{ pointer: "/n", detail: expected }]);
  });

  const place = object(field("lat", number));
  test.each<[string, Rule, Json, Json]>([
    ["object", place, '{"lat": 1.5}', { lat: 1.5 }],
    ["list as JSON", { kind: "list" }, ' [1, {"a": 2}]', [1, { a: 2 }]],
    ["texts as JSON", texts(), '["a","b"]', ["a", "b"]],
    ["texts, one part each", texts(), ["a", "b"], ["a", "b"]],
    ["texts, one part", texts(), "a", ["a"]],
    ["texts, an empty part", texts(), "", []],
    ["objects, one part each", { kind: "list", items: place }, ['{"lat":1}', '{"lat":2}'], [{ lat: 1 }, { lat: 2 }]],
    ["a text that looks like a number", text, "5", "5"],
  ])("%s", (_, rule, sent, expected) => {
    expect(form(object(field("x", rule)), { x: sent, y: "1" })).toEqual({
      payload: { x: expected, y: "1" },
      faults: [],
      count: 0,
    });
  });

  test.each<[string, Rule, Json, string]>([
    ["no JSON", place, "lat=1", "/x expected an object as JSON text"],
    ["broken JSON", place, '{"lat":', "/x expected an object as JSON text"],
    ["another kind", place, "[1]", "/x expected an object as JSON text"],
    ["a list's broken JSON", texts(), '["a"', "/x expected an array as JSON text"],
    ["JSON's own types hold inside", place, '{"lat":"1.5"}', "/x/lat expected a number, found a string"],
    ["items of JSON", texts(), "[1]", "/x/0 expected a string, found a number"],
  ])("refused: %s", (_, rule, sent, fault) => {
    const { faults } = form(object(field("x", rule)), { x: sent });
    expect(faults.map(({ pointer, detail }) => `${pointer} ${detail}`)).toEqual([fault]);
  });

  test("an optional field that was left empty was not sent", () => {
    const rule = object(field("nick", { kind: "text", min: 3 }, true), field("age", number, true), field("note", text));
    expect(form(rule, { nick: "", age: "", note: "" })).toMatchObject({ payload: { nick: null, age: null, note: "" } });
    expect(form(rule, { nick: "ab", age: "", note: "" }).count).toBe(1);
  });

  test("while fields may follow, nothing is missing and no list too short; the rest is told", () => {
    const list: Rule = { kind: "list", min: 2, max: 3 };
    const rule = object(field("a", text), field("list", list), field("n", number));
    expect(form(rule, { list: "one", n: "5" }, false)).toMatchObject({ payload: { list: ["one"], n: 5 }, count: 0 });
    expect(form(rule, { list: ["1", "2", "3", "4"], n: "x" }, false).faults.map(({ pointer }) => pointer)).toEqual([
      "/list",
      "/n",
    ]);
    expect(form(rule, { list: "one", n: "5" }).faults.map(({ pointer }) => pointer)).toEqual(["/a", "/list"]);
  });
});

describe("e-mail addresses", () => {
  const domain = (octets: number) =>
    `${"d".repeat(60)}.${"e".repeat(60)}.${"f".repeat(60)}.${"g".repeat(octets - 183)}`;
  const address = (octets: number) => `${"l".repeat(64)}@${domain(octets - 65)}`;
  test.each([
    "a@example.com",
    "name@example.test",
    "name@host.invalid",
    "a@b.localhost",
    "first.last+tag@sub.example.co.uk",
    "!#$%&'*+/=?^_`{|}~-@example.org",
    "1@2.de",
    "a@xn--mller-kva.example",
    "jürgen@müller.example",
    "用户@例子.测试",
    "a@1-2.example",
    address(254),
  ])("%s", (text) => {
    expect(isEmail(text)).toBe(true);
  });

  test.each([
    "",
    "@",
    "a",
    "a@",
    "@example.com",
    "a@@example.com",
    "a@b@example.com",
    " a@example.com",
    "a@example.com ",
    "a b@example.com",
    "a@exa mple.com",
    "a@example.com\n",
    "a\u3000b@example.com",
    "a@example",
    "a@.example.com",
    "a@example.com.",
    "a@example..com",
    ".a@example.com",
    "a.@example.com",
    "a..b@example.com",
    "a@-example.com",
    "a@example-.com",
    "a@exa_mple.com",
    "a@192.0.2.1",
    "a@[192.0.2.1]",
    '"a b"@example.com',
    "a(comment)@example.com",
    "a,b@example.com",
    "Ada <a@example.com>",
    "a@example.com\0",
    "\ud800@example.com",
    `${"l".repeat(65)}@example.com`,
    `a@${"d".repeat(64)}.com`,
    address(255),
    `${"ü".repeat(33)}@example.com`,
    `${"a.".repeat(100_000)}@`,
  ])("not %j", (text) => {
    expect(isEmail(text)).toBe(false);
  });

  test("the lengths that the RFCs state", () => {
    expect([address(254).length, isEmail(`a@${"d".repeat(63)}.com`), isEmail(`${"ü".repeat(32)}@example.com`)]).toEqual(
      [254, true, true],
    );
  });
});
