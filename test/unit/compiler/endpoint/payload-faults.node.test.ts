/** What is wrong with a `payload_validation`, told with its place. */
import { describe, expect, test } from "vitest";
import { abi, diagnose, query, upload } from "../support.ts";

const select = "SELECT id FROM albums WHERE owner = $1";
const first = "a.json/actionables/0/payload_validation/0";

type Members = Record<string, unknown>;

const withRules = (rules: unknown, more: Members = {}): Members =>
  abi([query(1, select, ["$PROTECTED.id"], { payload_validation: rules, ...more })]);

const one = (type: unknown, beside: Members = {}): Members => withRules([{ field: { x: type }, ...beside }]);
const inner = `${first}/field/x`;

describe("faults", () => {
  test.each<[string, Members, string]>([
    [
      "no list",
      withRules({ x: { type: "STRING" } }),
      "a.json/actionables/0/payload_validation: expected a list, found an object",
    ],
    ["no rule", withRules(["x"]), `${first}: expected {"field": {"<name>": {"type": "STRING"}}}, found "x"`],
    [
      "no field",
      withRules([{ max_length: 3 }]),
      `${first}/field: expected {"<name>": {"type": "STRING"}}, found nothing`,
    ],
    [
      "field as text",
      withRules([{ field: "x" }]),
      `${first}/field: expected {"<name>": {"type": "STRING"}}, found "x"`,
    ],
    [
      "no name",
      withRules([{ field: {} }]),
      `${first}/field: expected {"<name>": {"type": "STRING"}}, found an empty object`,
    ],
    ["type as text", one("STRING"), `${inner}: expected the field's type, such as {"type": "STRING"}, found "STRING"`],
    [
      "no type",
      one({}),
      `${inner}: "type" is missing; expected STRING, NUMBER, EMAIL, OBJECT, ARRAY, STRINGARRAY, found nothing`,
    ],
    [
      "type in lower case",
      one({ type: "string" }),
      `${inner}/type: expected STRING, NUMBER, EMAIL, OBJECT, ARRAY, STRINGARRAY, found "string". Did you mean "STRING"?`,
    ],
    ["misspelt type", one({ type: "STRING_ARRAY" }), 'Did you mean "STRINGARRAY"?'],
    [
      "unknown type",
      one({ type: "BOOLEAN" }),
      `${inner}/type: expected STRING, NUMBER, EMAIL, OBJECT, ARRAY, STRINGARRAY, found "BOOLEAN"`,
    ],
    [
      "misspelt limit inside",
      one({ type: "STRING", max_lenght: 3 }),
      `${inner}/max_lenght: unknown property "max_lenght"; expected type, min_length, max_length, arr_length, items_min_length, items_max_length, min, max, integer, enum, format, pattern, trim, default, message, optional, fields. Did you mean "max_length"?`,
    ],
    [
      "misspelt limit beside",
      one({ type: "STRING" }, { minlength: 3 }),
      `${first}/minlength: unknown property "minlength"; expected field, min_length`,
    ],
    [
      "negative",
      one({ type: "STRING", min_length: -1 }),
      `${inner}/min_length: expected a whole number, 0 or more, found -1`,
    ],
    [
      "fraction",
      one({ type: "STRING" }, { max_length: 1.5 }),
      `${first}/max_length: expected a whole number, 0 or more, found 1.5`,
    ],
    [
      "limit as text",
      one({ type: "STRING", max_length: "3" }),
      `${inner}/max_length: expected a whole number, 0 or more, found "3"`,
    ],
    [
      "over each other",
      one({ type: "STRING", min_length: 4, max_length: 3 }),
      `${inner}/min_length: nothing can pass: 4 is over the "max_length" of 3`,
    ],
    [
      "over each other, apart",
      one({ type: "STRING", min_length: 4 }, { max_length: 3 }),
      `${inner}/min_length: nothing can pass: 4 is over the "max_length" of 3`,
    ],
    [
      "over each other in a list",
      one({ type: "ARRAY", min_length: 4, arr_length: 3 }),
      `${inner}/min_length: nothing can pass: 4 is over the "arr_length" of 3`,
    ],
    [
      "over each other in items",
      one({ type: "STRINGARRAY", items_min_length: 4, items_max_length: 3 }),
      `${inner}/items_min_length: nothing can pass: 4 is over the "items_max_length" of 3`,
    ],
    [
      "longer than any address",
      one({ type: "EMAIL", min_length: 255 }),
      `${inner}/min_length: nothing can pass: 255 is over 254, the most there can be`,
    ],
    [
      "two numbers of items",
      one({ type: "ARRAY", arr_length: 3, max_length: 4 }),
      `${inner}/arr_length: contradicts "max_length"`,
    ],
    [
      "twice, differently",
      one({ type: "STRING", max_length: 3 }, { max_length: 4 }),
      `${inner}/max_length: "max_length" stands beside "field" as well`,
    ],
    [
      "length of an object",
      one({ type: "OBJECT", max_length: 3 }),
      `${inner}/max_length: "max_length" has no meaning for OBJECT: it takes fields`,
    ],
    [
      "length of a number",
      one({ type: "NUMBER" }, { max_length: 3 }),
      `${first}/max_length: "max_length" has no meaning for NUMBER: it takes min, max, integer, enum`,
    ],
    [
      "items of a text",
      one({ type: "STRING", items_max_length: 3 }),
      `${inner}/items_max_length: "items_max_length" has no meaning for STRING: it takes min_length, max_length, trim, format, pattern, enum. Did you mean "max_length"?`,
    ],
    ["fields of a text", one({ type: "STRING", fields: {} }), `${inner}/fields: "fields" has no meaning for STRING`],
    [
      "fields of texts",
      one({ type: "STRINGARRAY", fields: {} }),
      `${inner}/fields: "fields" has no meaning for STRINGARRAY`,
    ],
    [
      "texts that are objects",
      one({ type: "ARRAY", fields: {}, items_max_length: 3 }),
      `${inner}/items_max_length: limits texts, and "fields" says that the items are objects`,
    ],
    [
      "fields as text",
      one({ type: "OBJECT", fields: "street" }),
      `${inner}/fields: expected a list of rules, or an object of names and types, found "street"`,
    ],
    [
      "inside fields",
      one({ type: "OBJECT", fields: { y: { type: "STRNG" } } }),
      `${inner}/fields/y/type: expected STRING`,
    ],
    [
      "inside a list of fields",
      one({ type: "OBJECT", fields: [{ field: { y: { type: "NUMBER", most: 3 } } }] }),
      `${inner}/fields/0/field/y/most: unknown property "most"`,
    ],
    [
      "min over max",
      one({ type: "NUMBER", min: 3, max: 2 }),
      `${inner}/min: nothing can pass: 3 is over the "max" of 2`,
    ],
    ["min as text", one({ type: "NUMBER", min: "3" }), `${inner}/min: expected a number, found "3"`],
    [
      "integer as text",
      one({ type: "NUMBER", integer: "yes" }),
      `${inner}/integer: expected true or false, found "yes"`,
    ],
    ["enum of a text", one({ type: "STRING", enum: "a" }), `${inner}/enum: expected a list of texts, found "a"`],
    ["enum of nothing", one({ type: "STRING", enum: [] }), `${inner}/enum: expected a list of texts, found a list`],
    ["enum of numbers", one({ type: "STRING", enum: [1] }), `${inner}/enum/0: expected one of the texts, found 1`],
    ["enum with a repeat", one({ type: "STRING", enum: ["a", "a"] }), `${inner}/enum/1: "a" is listed twice`],
    [
      "enum of a list",
      one({ type: "STRINGARRAY", enum: ["a"] }),
      `${inner}/enum: "enum" has no meaning for STRINGARRAY`,
    ],
    [
      "unknown format",
      one({ type: "STRING", format: "datetime" }),
      `${inner}/format: expected uuid, ksuid, date, date-time, url, found "datetime". Did you mean "date-time"?`,
    ],
    ["pattern that is none", one({ type: "STRING", pattern: "(" }), `${inner}/pattern: Invalid regular expression`],
    ["pattern that closes what is around it", one({ type: "STRING", pattern: "a)|(b" }), "Invalid regular expression"],
    [
      "pattern that backtracks",
      one({ type: "STRING", pattern: "(a+)+" }),
      `${inner}/pattern: "(a+)+" may take very long`,
    ],
    ["pattern with two repeats", one({ type: "STRING", pattern: "\\d+\\d+" }), `may take very long on some texts`],
    [
      "default of another type",
      one({ type: "NUMBER", default: "1" }),
      `${inner}/default: expected a number, found "1"`,
    ],
    [
      "default that is none of the values",
      one({ type: "STRING", enum: ["a", "b"], default: "c" }),
      `${inner}/default: expected one of "a", "b", found "c"`,
    ],
    ["no message", one({ type: "STRING", message: "" }), `${inner}/message: expected a text, found ""`],
    ["optional", one({ type: "STRING", optional: "yes" }), `${inner}/optional: expected true or false, found "yes"`],
    [
      "two rules",
      withRules([{ field: { x: { type: "STRING" } } }, { field: { x: { type: "EMAIL" } } }]),
      `a.json/actionables/0/payload_validation/1/field/x: another rule speaks of "x" already`,
    ],
    [
      "a path",
      withRules([{ field: { "a.b": { type: "STRING" } } }]),
      `${first}/field/a.b: "a.b" is a path: for fields inside a field write an OBJECT with "fields"`,
    ],
    [
      "an accessor",
      withRules([{ field: { $PAYLOAD: { type: "STRING" } } }]),
      `${first}/field/$PAYLOAD: "$PAYLOAD" is no plain name`,
    ],
    [
      "a prototype",
      withRules(JSON.parse('[{"field": {"__proto__": {"type": "STRING"}}}]')),
      `${first}/field/__proto__: "__proto__" may not be part of a path`,
    ],
    [
      "bypass",
      withRules([], { bypass_payload_validation: "yes" }),
      "a.json/actionables/0/bypass_payload_validation: expected true or false, found a string",
    ],
    [
      "bypassed faults",
      withRules([{ field: { x: { type: "TEXT" } } }], { bypass_payload_validation: true }),
      `${inner}/type: expected STRING`,
    ],
    [
      "on the endpoint",
      abi([upload()], { payload_validation: [] }),
      'a.json/payload_validation: "payload_validation" belongs into an actionable',
    ],
    ["misspelt", abi([upload({}, { payload_validations: [] })]), 'Did you mean "payload_validation"?'],
    [
      "on a deletion",
      abi([{ id: 1, mode: "UPLOAD", uploads: { delete_files: true }, payload_validation: [] }]),
      "a.json/actionables/0/payload_validation: the body of a deletion is an array of storage keys: it has no fields",
    ],
  ])("%s", async (_, source, line) => {
    const lines = await diagnose(source);
    expect(lines).toHaveLength(1);
    expect(lines[0]).toContain(line);
  });

  test("every one is told", async () => {
    const rules = [{ field: { x: { type: "TEXT" } }, max_length: -1 }, { field: { y: { type: "STRING", a: 1 } } }];
    expect(await diagnose(withRules(rules))).toHaveLength(2);
  });
});

describe("one payload for all steps", () => {
  const rules = (type: string) => ({ payload_validation: [{ field: { x: { type } } }] });
  const two = (left: string, right: string) =>
    abi([query(1, select, ["$PROTECTED.id"], rules(left)), query(2, select, ["$PROTECTED.id"], rules(right))]);

  test.each([
    ["STRING", "EMAIL"],
    ["ARRAY", "STRINGARRAY"],
    ["NUMBER", "NUMBER"],
  ])("%s and %s agree", async (left, right) => {
    expect(await diagnose(two(left, right))).toEqual([]);
  });

  test.each([
    ["STRING", "NUMBER", '"x" is a number here and a text in actionable 1: no payload can be both'],
    ["OBJECT", "STRINGARRAY", '"x" is a list here and an object in actionable 1: no payload can be both'],
  ])("%s and %s do not", async (left, right, message) => {
    expect(await diagnose(two(left, right))).toEqual([`a.json/actionables/1/payload_validation: ${message}`]);
  });

  test("a list and an object", async () => {
    const multi = query(1, select, ["$PAYLOAD.x"], { multi: true });
    const message = "the payload is an object here and a list in actionable 1: no payload can be both";
    expect(await diagnose(abi([multi, query(2, select, ["$PROTECTED.id"], rules("STRING"))]))).toEqual([
      `a.json/actionables/1/payload_validation: ${message}`,
    ]);
  });
});
