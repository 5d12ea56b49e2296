import { describe, expect, test } from "vitest";
import type { Reference } from "../../../../src/contract/plan/reference.ts";
import { abi, asQuery, asUpload, authentication, compile, plan, query, upload } from "../support.ts";

const select = "SELECT id FROM albums WHERE title = $1";

/** The reference of the only parameter of the last step. */
async function resolve(
  value: unknown,
  before: Record<string, unknown>[] = [],
  more = {},
): Promise<Reference | undefined> {
  const { steps } = await plan(abi([...before, query(9, select, [value], more)]));
  return asQuery(steps.at(-1)).parameters[0]?.value;
}

describe("accessors", () => {
  test.each<[unknown, Reference]>([
    ["$PROTECTED.id", { from: "claim", path: ["id"] }],
    ["$PROTECTED.id.part", { from: "claim", path: ["id", "part"] }],
    ["$PAYLOAD.a.b", { from: "payload", path: ["a", "b"] }],
    ["$PAYLOAD.items.0.a-b", { from: "payload", path: ["items", 0, "a-b"] }],
    ["$PAYLOAD", { from: "payload", path: [] }],
    ["$ENV.REGION", { from: "env", name: "REGION" }],
    ["$HEADER.X-Request-Id", { from: "header", name: "x-request-id" }],
    ["$HEADER.ip", { from: "header", name: "ip" }],
    ["$DATETIME", { from: "now" }],
    ...(["KSUID", "NANOID", "UUID", "ULID", "CUID2", "SHORTUUID"] as const).map((kind): [string, Reference] => [
      `$GENERATOR.${kind}`,
      { from: "generator", kind },
    ]),
    ["costs $5", { from: "literal", value: "costs $5" }],
    [7, { from: "literal", value: 7 }],
    [true, { from: "literal", value: true }],
    [null, { from: "literal", value: null }],
    [
      "u-$PROTECTED.id/$DATETIME.txt",
      {
        from: "template",
        parts: [
          { from: "literal", value: "u-" },
          { from: "claim", path: ["id"] },
          { from: "literal", value: "/" },
          { from: "now" },
          { from: "literal", value: ".txt" },
        ],
      },
    ],
  ])("%j", async (value, reference) => {
    expect(await resolve(value)).toEqual(reference);
  });
});

describe("bare names", () => {
  const first = query(1, "SELECT id AS email, title FROM albums");

  test.each<[string, string, Record<string, unknown>[], object, Reference]>([
    ["claim", "email", [], {}, { from: "claim", path: ["email"] }],
    ["result before claim", "email", [first], {}, { from: "result", step: 0, path: ["email"] }],
    [
      "extracted before result",
      "email",
      [first],
      { extract_response_for: [{ extract: "title", for: "email" }] },
      { from: "result", step: 0, path: ["title"] },
    ],
    ["payload or text", "colour", [first], {}, { from: "payload-or-text", name: "colour" }],
    ["upload", "url", [upload()], {}, { from: "result", step: 0, path: ["url"] }],
    ["upload's own field, not listed", "width", [upload()], {}, { from: "result", step: 0, path: ["width"] }],
    ["claim before an unlisted field", "id", [upload()], {}, { from: "claim", path: ["id"] }],
    [
      "listed field before claim",
      "id",
      [upload({}, { returnables: ["id"] })],
      {},
      { from: "result", step: 0, path: ["id"] },
    ],
    [
      "upload behind a query",
      "url",
      [upload(), query(2, select, ["$PROTECTED.id"])],
      {},
      { from: "result", step: 0, path: ["url"] },
    ],
    ["text", "two words", [], {}, { from: "literal", value: "two words" }],
  ])("%s", async (_name, value, before, more, reference) => {
    expect(await resolve(value, before, more)).toEqual(reference);
  });

  test.each<[string, Reference]>([
    ["id", { from: "result", step: 0, path: ["id"] }],
    ["settings.colour", { from: "result", step: 0, path: ["settings", "colour"] }],
    ["0.id", { from: "result", step: 0, path: [0, "id"] }],
    ["self_", { from: "result", step: 0, path: [] }],
  ])("extract %s of a dependency", async (extract, reference) => {
    const more = {
      depends_on: [{ resource_id: "self", action_ids: [1], extract_response_for: [{ extract, for: "album" }] }],
    };
    expect(await resolve("album", [query(1, "SELECT id, settings FROM albums")], more)).toEqual(reference);
  });

  test("extract from a claim, as Sub0's gallery does", async () => {
    const more = { extract_response_for: [{ extract: "id", for: "user_id" }] };
    expect(await resolve("user_id", [upload()], more)).toEqual({ from: "claim", path: ["id"] });
  });

  test("a name is given once", async () => {
    const more = {
      extract_response_for: [
        { extract: "id", for: "x" },
        { extract: "email", for: "x" },
      ],
    };
    const { diagnostics } = await compile([abi([query(1, select, ["x"], more)])]);
    expect(diagnostics).toContainEqual({
      file: "a.json",
      place: "/actionables/0/extract_response_for/1/extract",
      message: 'the name "x" is given twice',
      severity: "fault",
    });
  });
});

describe("multi", () => {
  test("over an upload: its fields are the element's", async () => {
    const insert = "INSERT INTO albums (id, owner, title) VALUES ($1, $2, $3)";
    const source = abi([
      upload({ max_file_uploads: 3 }),
      query(2, insert, ["storage_key", "id", "$PAYLOAD.title"], { multi: true }),
    ]);
    const step = asQuery((await plan(source)).steps[1]);
    expect(step.each).toEqual({ from: "result", step: 0, path: [] });
    expect(step.parameters.map(({ value }) => value)).toEqual([
      { from: "element", path: ["storage_key"] },
      { from: "claim", path: ["id"] },
      { from: "payload", path: ["title"] },
    ]);
  });

  test("over a payload array", async () => {
    const insert = "INSERT INTO albums (id, owner, title) VALUES ($1, $2, $3)";
    const step = asQuery(
      (await plan(abi([query(1, insert, ["$PAYLOAD.a.b", "id", "title"], { multi: true })]))).steps[0],
    );
    expect(step.each).toEqual({ from: "payload", path: [] });
    expect(step.parameters.map(({ value }) => value)).toEqual([
      { from: "element", path: ["a", "b"] },
      { from: "claim", path: ["id"] },
      { from: "element-or-text", name: "title" },
    ]);
  });

  test("extracted from the result it runs for", async () => {
    const more = { multi: true, extract_response_for: [{ extract: "storage_key", for: "key" }] };
    const source = abi([upload({ max_file_uploads: 2 }), query(2, select, ["key"], more)]);
    expect(asQuery((await plan(source)).steps[1]).parameters[0]?.value).toEqual({
      from: "element",
      path: ["storage_key"],
    });
  });
});

describe("folders", () => {
  test.each<[string, string | undefined, Reference[]]>([
    ["default: the resource", undefined, [{ from: "literal", value: "test" }]],
    [
      "slashes at both ends",
      "/a/b/",
      [
        { from: "literal", value: "a" },
        { from: "literal", value: "b" },
      ],
    ],
    [
      "a template in a segment",
      "/users/u-$PROTECTED.id/$GENERATOR.NANOID",
      [
        { from: "literal", value: "users" },
        {
          from: "template",
          parts: [
            { from: "literal", value: "u-" },
            { from: "claim", path: ["id"] },
          ],
        },
        { from: "generator", kind: "NANOID" },
      ],
    ],
    ["a name stands for itself", "id", [{ from: "literal", value: "id" }]],
  ])("%s", async (_name, folder, segments) => {
    const { steps } = await plan(abi([upload(folder === undefined ? {} : { upload_folder: folder })]));
    expect(asUpload(steps[0]).folder).toEqual(segments);
  });
});

test("limits, types and visibility", async () => {
  const step = asUpload((await plan(abi([upload({ allowed_mimetypes: ["IMAGE/*", "text/csv", "*/*"] })]))).steps[0]);
  expect(step).toMatchObject({
    maxFiles: 1,
    maxFileBytes: 20 * 1024 * 1024,
    types: ["image/*", "text/csv", "*/*"],
    visibility: "public",
    fileApi: false,
  });
  const bySubject = await plan(
    abi([upload()], { protected: { provide_as: "Authorization", extract_claims: ["sub"] } }),
  );
  expect(bySubject.authentication).toMatchObject({ header: "authorization", bearer: true, claims: ["sub"] });
});

test("whom tokens are for, who issued them, and how old they may be", async () => {
  const authenticationOf = async (members: object) => {
    const tokenize = { ...authentication.tokenize, ...members };
    return plan(abi([query(1, select, ["$PROTECTED.id"])], { tokenize }));
  };
  const all = await authenticationOf({ audience: ["uploads", "$ENV.AUDIENCE"], issuer: "$ENV.ISSUER", max_age: 1 });
  expect(all.authentication).toMatchObject({
    audience: [
      { from: "literal", value: "uploads" },
      { from: "env", name: "AUDIENCE" },
    ],
    issuer: { from: "env", name: "ISSUER" },
    maxAgeSeconds: 1,
  });
  expect(all.environment).toEqual(["AUDIENCE", "ISSUER", "JWT_SECRET_KEY"]);
  const texts = await authenticationOf({ audience: "uploads", issuer: "https://id.example" });
  expect(texts.authentication).toMatchObject({
    audience: [{ from: "literal", value: "uploads" }],
    issuer: { from: "literal", value: "https://id.example" },
  });
  expect(texts.environment).toEqual(["JWT_SECRET_KEY"]);
});

test("the environment of a plan", async () => {
  const { environment } = await plan(abi([query(1, select, ["x-$ENV.REGION-$ENV.STAGE"])]));
  expect(environment).toEqual(["JWT_SECRET_KEY", "REGION", "STAGE"]);
});

describe("images are sampled where something reads the result", () => {
  const insert = (name: string, more = {}): Record<string, unknown> =>
    query(2, "INSERT INTO albums (id, owner, title) VALUES ($1, $1, $1) RETURNING id", [name], more);

  const everything = ["width", "height", "dominant_color", "palette", "thumbhash", "has_alpha", "animated"];
  test.each<[string, string[], Record<string, unknown>[]]>([
    ["answered whole", everything, [upload()]],
    ["answered without", [], [upload({}, { returnables: ["url"] })]],
    ["answered with", ["width", "palette"], [upload({}, { returnables: ["url", "palette", "width"] })]],
    ["another step answers", [], [upload(), insert("url")]],
    ["bound", ["dominant_color"], [upload({}, { returnables: ["url"] }), insert("dominant_color")]],
    ["bound by our own name", ["thumbhash"], [upload({}, { returnables: ["url"] }), insert("thumbhash")]],
    ["bound for each", ["height"], [upload({ max_file_uploads: 2 }), insert("height", { multi: true })]],
    ["not bound for each", [], [upload({ max_file_uploads: 2 }), insert("url", { multi: true })]],
  ])("%s: %j", async (_name, fields, actionables) => {
    expect(asUpload((await plan(abi(actionables))).steps[0]).imageFields).toEqual(fields);
  });
});
