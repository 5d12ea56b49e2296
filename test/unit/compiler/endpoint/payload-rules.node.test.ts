/** `payload_validation` as authors write it, and the rules that the plan gets. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import * as z from "zod";
import { describe, expect, test } from "vitest";
import { schemaPath } from "../../../../src/cli/project.ts";
import type { FieldRule, Rule } from "../../../../src/contract/payload-rule.ts";
import { abi, asQuery, diagnose, plan, query, root, upload } from "../support.ts";

const select = "SELECT id FROM albums WHERE owner = $1";

type Members = Record<string, unknown>;

const withRules = (rules: unknown, more: Members = {}): Members =>
  abi([query(1, select, ["$PROTECTED.id"], { payload_validation: rules, ...more })]);

async function rulesOf(rules: unknown): Promise<readonly FieldRule[]> {
  const rule = (await plan(withRules(rules))).steps[0]?.payloadRule;
  if (rule?.kind !== "object") throw new Error(`expected an object's rule, found ${String(rule?.kind)}`);
  return rule.fields;
}

describe("forms that occur", () => {
  test("limits beside the field", async () => {
    const rules = [
      { field: { name: { type: "STRING" } }, min_length: 2, max_length: 255 },
      { field: { email: { type: "EMAIL" } }, max_length: 255 },
      { field: { amount: { type: "NUMBER" } } },
    ];
    expect(await rulesOf(rules)).toEqual([
      { name: "name", optional: false, rule: { kind: "text", min: 2, max: 255 } },
      { name: "email", optional: false, rule: { kind: "email", max: 255 } },
      { name: "amount", optional: false, rule: { kind: "number" } },
    ]);
  });

  test("limits inside the type", async () => {
    const type = { type: "STRINGARRAY", arr_length: 4, items_min_length: 2, items_max_length: 20 };
    expect(await rulesOf([{ field: { services: type } }])).toEqual([
      {
        name: "services",
        optional: false,
        rule: { kind: "list", max: 4, items: { kind: "text", min: 2, max: 20 } },
      },
    ]);
  });

  test("each limit means the same in either place", async () => {
    const limits = { arr_length: 4, min_length: 1, items_min_length: 2, items_max_length: 20, optional: true };
    const inside = await rulesOf([{ field: { tags: { type: "STRINGARRAY", ...limits } } }]);
    expect(await rulesOf([{ field: { tags: { type: "STRINGARRAY" } }, ...limits }])).toEqual(inside);
    expect(await rulesOf([{ field: { tags: { type: "STRINGARRAY", ...limits } }, ...limits }])).toEqual(inside);
  });

  test("several names in one rule share what stands beside them", async () => {
    const rules = [{ field: { a: { type: "STRING" }, b: { type: "STRING", min_length: 1 } }, max_length: 9 }];
    expect(await rulesOf(rules)).toEqual([
      { name: "a", optional: false, rule: { kind: "text", max: 9 } },
      { name: "b", optional: false, rule: { kind: "text", min: 1, max: 9 } },
    ]);
  });

  const street: Rule = {
    kind: "object",
    fields: [{ name: "street", optional: false, rule: { kind: "text", max: 9 } }],
  };
  test.each<[string, Members, Rule]>([
    ["a list", { type: "OBJECT", fields: [{ field: { street: { type: "STRING" } }, max_length: 9 }] }, street],
    ["an object", { type: "OBJECT", fields: { street: { type: "STRING", max_length: 9 } } }, street],
    [
      "of each object in a list",
      { type: "ARRAY", arr_length: 2, fields: { street: { type: "STRING", max_length: 9 } } },
      { kind: "list", max: 2, items: street },
    ],
  ])("fields: %s", async (_, type, rule) => {
    expect(await rulesOf([{ field: { x: type } }])).toEqual([{ name: "x", optional: false, rule }]);
  });

  test("fields beside the field", async () => {
    const rules = [{ field: { x: { type: "OBJECT" } }, fields: { street: { type: "STRING", max_length: 9 } } }];
    expect(await rulesOf(rules)).toEqual([{ name: "x", optional: false, rule: street }]);
  });

  test("five deep", async () => {
    const type = ["b", "c", "d", "e"].reduceRight<Members>(
      (inner, name) => ({ type: "OBJECT", fields: { [name]: inner } }),
      { type: "NUMBER" },
    );
    let [found] = await rulesOf([{ field: { a: type } }]);
    const names = [];
    for (; found !== undefined; found = found.rule.kind === "object" ? found.rule.fields[0] : undefined) {
      names.push(found.name);
    }
    expect(names).toEqual(["a", "b", "c", "d", "e"]);
  });

  test.each<[string, Members, Rule]>([
    ["anything in a list", { type: "ARRAY" }, { kind: "list" }],
    ["a list's lengths", { type: "ARRAY", min_length: 1, max_length: 3 }, { kind: "list", min: 1, max: 3 }],
    [
      "items with lengths are texts",
      { type: "ARRAY", items_max_length: 3 },
      { kind: "list", items: { kind: "text", max: 3 } },
    ],
    ["texts", { type: "STRINGARRAY" }, { kind: "list", items: { kind: "text" } }],
    ["nothing but the object", { type: "OBJECT" }, { kind: "object", fields: [] }],
    ["at both ends alike", { type: "STRING", min_length: 6, max_length: 6 }, { kind: "text", min: 6, max: 6 }],
    ["none", { type: "STRING", min_length: 0, max_length: 0 }, { kind: "text", min: 0, max: 0 }],
    ["two words for one limit", { type: "ARRAY", arr_length: 3, max_length: 3 }, { kind: "list", max: 3 }],
  ])("%s", async (_, type, rule) => {
    expect(await rulesOf([{ field: { x: type } }])).toEqual([{ name: "x", optional: false, rule }]);
  });

  test("the editors' schema takes them, and refuses a misspelt limit", () => {
    const schema = z.fromJSONSchema(JSON.parse(readFileSync(join(root, schemaPath), "utf8")));
    const nested = { type: "OBJECT", fields: [{ field: { y: { type: "ARRAY", fields: { z: { type: "NUMBER" } } } } }] };
    const good = [{ field: { x: nested } }, { field: { t: { type: "STRING", optional: true } }, max_length: 3 }];
    expect(schema.safeParse(withRules(good, { bypass_payload_validation: true })).success).toBe(true);
    expect(schema.safeParse(withRules([{ field: { x: { type: "STRING" } }, max_lenght: 3 }])).success).toBe(false);
    expect(schema.safeParse(withRules([{ field: { x: { type: "TEXT" } } }])).success).toBe(false);
  });
});

test("the documentation's example", async () => {
  const [, text = ""] =
    /### payload_validation\n\n```json\n([^`]+)```/.exec(readFileSync(join(root, "docs/abi.md"), "utf8")) ?? [];
  const { payload_validation: rules } = JSON.parse(`{${text}}`) as { payload_validation: unknown };
  const source = abi([query(1, select, ["title"], { payload_validation: rules })]);
  expect(await diagnose(source)).toEqual([]);
  expect((await rulesOf(rules)).map(({ name, optional, rule: { kind } }) => [name, optional, kind])).toEqual([
    ["title", false, "text"],
    ["contact", true, "email"],
    ["tags", false, "list"],
    ["place", false, "object"],
  ]);
});

describe("where rules stand", () => {
  const rules = [{ field: { title: { type: "STRING" } } }];
  const titled: Rule = { kind: "object", fields: [{ name: "title", optional: false, rule: { kind: "text" } }] };

  test("on an UPLOAD, on a QUERY, on both", async () => {
    const { steps } = await plan(
      abi([
        upload({}, { payload_validation: rules }),
        query(2, select, ["$PAYLOAD.title"], { payload_validation: rules }),
        query(3, select, ["$PAYLOAD.title"]),
      ]),
    );
    expect(steps.map(({ payloadRule }) => payloadRule)).toEqual([titled, titled, undefined]);
  });

  test("on documents", async () => {
    const actionable = {
      id: 1,
      mode: "QUERY",
      mongo_query: { collection: "notes", action: "INSERT", parameters: ["title"] },
      payload_validation: rules,
    };
    expect((await plan(abi([actionable]))).steps[0]?.payloadRule).toEqual(titled);
  });

  test("a statement per element of the payload: each element", async () => {
    const { steps } = await plan(abi([query(1, select, ["title"], { multi: true, payload_validation: rules })]));
    expect(steps[0]?.payloadRule).toEqual({ kind: "list", min: 1, max: 1000, items: titled });
    expect(asQuery(steps[0]).parameters[0]?.value).toEqual({ from: "element", path: ["title"] });
  });

  test("a statement per file: the payload itself", async () => {
    const { steps } = await plan(
      abi([upload({ max_file_uploads: 2 }), query(2, select, ["url"], { multi: true, payload_validation: rules })]),
    );
    expect(steps[1]?.payloadRule).toEqual(titled);
  });

  test("another endpoint's query brings its rules along", async () => {
    const other = abi([query(1, select, ["$PAYLOAD.title"], { payload_validation: rules })], {
      id: "other-01",
      resource: "other",
    });
    const depends = [{ resource_id: "other-01", action_ids: [1] }];
    const { steps } = await plan(abi([upload({}, { depends_on: depends })]), other);
    expect(steps.map(({ mode, payloadRule }) => [mode, payloadRule])).toEqual([
      ["query", titled],
      ["upload", undefined],
    ]);
  });

  test.each<[string, Members, Rule | undefined]>([
    ["bypassed", { bypass_payload_validation: true }, undefined],
    ["not bypassed", { bypass_payload_validation: false }, titled],
    ["an empty list", { payload_validation: [] }, undefined],
  ])("%s", async (_, more, expected) => {
    expect((await plan(withRules(rules, more))).steps[0]?.payloadRule).toEqual(expected);
  });
});

describe("names", () => {
  const rules = (name: string) => [{ field: { [name]: { type: "STRING" } } }];

  test("a bare name that has a rule is the payload's field, without a warning", async () => {
    const source = abi([query(1, select, ["title"], { payload_validation: rules("title") })]);
    expect(await diagnose(source)).toEqual([]);
    expect(asQuery((await plan(source)).steps[0]).parameters[0]?.value).toEqual({ from: "payload", path: ["title"] });
  });

  test("so is a path into it", async () => {
    const type = { type: "OBJECT", fields: { city: { type: "STRING" } } };
    const source = abi([query(1, select, ["address.city"], { payload_validation: [{ field: { address: type } }] })]);
    expect(await diagnose(source)).toEqual([]);
    expect(asQuery((await plan(source)).steps[0]).parameters[0]?.value).toEqual({
      from: "payload",
      path: ["address", "city"],
    });
  });

  test("an earlier result's field stays before it, a claim too, with a warning", async () => {
    const result = abi([upload({}, { payload_validation: rules("url") }), query(2, select, ["url"])]);
    expect(asQuery((await plan(result)).steps[1]).parameters[0]?.value).toEqual({
      from: "result",
      step: 0,
      path: ["url"],
    });
    const claim = abi([query(1, select, ["email"], { payload_validation: rules("email") })]);
    expect(await diagnose(claim)).toEqual([
      'a.json/actionables/0/sql_query/parameters/0: warning: "email" is bound to the claim, which hides the payload field: write $PROTECTED.email or $PAYLOAD.email',
    ]);
  });
});
