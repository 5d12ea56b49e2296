/** `raw`: what one file without fields can never be enough for, and what the plan, its description and its types say. */
import { expect, test } from "vitest";
import { featuresOf } from "../../../../src/compiler/emit.ts";
import { describeEndpoint } from "../../../../src/compiler/interface/endpoint.ts";
import { describeOperation } from "../../../../src/compiler/interface/openapi/operation.ts";
import { printTypes } from "../../../../src/compiler/interface/types.ts";
import type { Method } from "../../../../src/contract/plan.ts";
import { abi, asUpload, diagnose, plan, query, upload } from "../support.ts";

type Members = Record<string, unknown>;

const deployment = { methods: ["POST"] as const, maxRequestBytes: 100_000_000 };
const raw = (more: Members = {}, actionable: Members = {}) => upload({ raw: true, ...more }, actionable);
const rule = (members: Members) => [{ field: { title: { type: "STRING", ...members } } }];
const insert = (id: number, value: unknown, more: Members = {}) =>
  query(
    id,
    "INSERT INTO albums (id, owner, title) VALUES ($1, $2, $3) RETURNING id",
    ["$GENERATOR.KSUID", "$PROTECTED.id", value],
    more,
  );
const noFields = (name: string, why: string) =>
  `/uploads/raw: a raw body has no fields, and "${name}" ${why}; expected $QUERY or $PARAM in its place, or no "raw"`;

test.each<[string, readonly Members[], Members, string]>([
  [
    "a required field of the payload",
    [raw({}, { payload_validation: rule({}) })],
    {},
    noFields("title", "is required"),
  ],
  [
    "one that another step requires",
    [raw(), insert(2, "$PAYLOAD.title", { payload_validation: rule({ min_length: 1 }) })],
    {},
    noFields("title", "is required"),
  ],
  ["a folder", [raw({ upload_folder: "a/$PAYLOAD.album" })], {}, noFields("album", "names a folder")],
  ["a part of a folder", [raw({ upload_folder: "a/b-$PAYLOAD.album" })], {}, noFields("album", "names a folder")],
  [
    "a folder of a field",
    [raw({ fields: { photo: { upload_folder: "$PAYLOAD.album" } } })],
    {},
    noFields("album", "names a folder"),
  ],
  ["what is replaced", [raw({ replaces: "$PAYLOAD.album" })], {}, noFields("album", "says which files are replaced")],
  [
    "a step before the file",
    [
      query(1, "SELECT id FROM albums WHERE id = $1", ["$PAYLOAD.album"], { no_op: true }),
      upload({ raw: true }, { id: 2, depends_on: [{ resource_id: "self", action_ids: [1] }] }),
    ],
    {},
    noFields("album", "is read before the file is stored"),
  ],
  [
    "tokens that it revokes",
    [raw()],
    { invalidate_tokenize: { tokens: "$PAYLOAD.token" } },
    noFields("token", "is a token to revoke"),
  ],
  [
    "two files",
    [raw({ max_file_uploads: 3, min_file_uploads: 2 })],
    {},
    "/uploads/raw: a raw body is one file, and min_file_uploads is 2; expected 1 at most",
  ],
  [
    "two files of a field",
    [raw({ fields: { photo: { min_files: 2, max_files: 2 } } })],
    {},
    '/uploads/raw: a raw body is one file, and "photo" needs 2; expected min_files 1 at most',
  ],
  [
    "two fields",
    [raw({ fields: { photo: { required: true }, letter: {}, selfie: { min_files: 1 } } })],
    {},
    '/uploads/raw: a raw body is one file, and "photo" and "selfie" are both required; expected one required field at most',
  ],
  ["a text", [raw({ raw: "yes" })], {}, "/uploads/raw: expected true or false, found a string"],
  ["PUT without it", [upload()], { methods: ["PUT"] }, "/methods/0: PUT is for files that are bodies of their own"],
  ["PUT for a GET", [raw()], { methods: ["GET", "PUT"] }, "this stores files"],
])("refuses %s", async (_, actionables, more, line) => {
  expect(await diagnose(abi(actionables, more))).toEqual([expect.stringContaining(line)]);
});

test("has no meaning beside delete_files", async () => {
  const deletion = { id: 1, mode: "UPLOAD", uploads: { delete_files: true, raw: true } };
  expect(await diagnose(abi([deletion]))).toEqual([
    expect.stringContaining("/uploads/raw: has no meaning beside delete_files"),
  ]);
});

test.each<[string, readonly Members[], Members]>([
  ["optional fields", [raw({}, { payload_validation: rule({ optional: true }) })], {}],
  [
    "fields with a default",
    [raw({ upload_folder: "a/$PAYLOAD.title" }, { payload_validation: rule({ default: "x" }) })],
    {},
  ],
  ["fields without a rule", [raw(), insert(2, "$PAYLOAD.title")], {}],
  [
    "a query parameter",
    [raw({ upload_folder: "a/$QUERY.title" })],
    { query_parameters: { title: { type: "STRING" } } },
  ],
  ["a path parameter", [raw({ replaces: "$PARAM.album" })], { resource: "test/:album" }],
  ["no file at all", [raw({ min_file_uploads: 0 })], {}],
  ["one required field", [raw({ fields: { photo: { required: true }, letter: {} } })], {}],
  ["rules that are bypassed", [raw({}, { payload_validation: rule({}), bypass_payload_validation: true })], {}],
])("takes %s", async (_, actionables, more) => {
  expect(await diagnose(abi(actionables, more))).toEqual([]);
});

test("POST and PUT where the ABI names no methods, and only these plans need the features", async () => {
  const takes = await plan(abi([raw()]));
  expect(takes.methods).toEqual(["POST", "PUT"]);
  expect(asUpload(takes.steps[0]).raw).toBe(true);
  expect(featuresOf([takes], false)).toEqual(["routing", "rawBodies", "pictures"]);
  expect((await plan(abi([raw()], { methods: ["PUT"] }))).methods).toEqual(["PUT"]);
  const without = await plan(abi([upload({ raw: false })]));
  expect([without.methods, asUpload(without.steps[0]).raw, featuresOf([without], false)]).toEqual([
    undefined,
    undefined,
    ["pictures"],
  ]);
});

test("two endpoints of one resource, one for files and one that reads", async () => {
  const read = abi([query(1, "SELECT id FROM albums WHERE owner = $1", ["$PROTECTED.id"])], {
    id: "b",
    methods: ["GET"],
  });
  expect(await diagnose(abi([raw()]), read)).toEqual([]);
  const putting = abi([raw()], { id: "b", methods: ["PUT"] });
  expect(await diagnose(abi([raw()]), putting)).toEqual([expect.stringContaining('has the resource "test" already')]);
  expect(await diagnose(abi([upload()]), putting)).toEqual([]);
});

test("the description has the body under each type, and the name's header", async () => {
  const fields = { photo: { required: true, allowed_mimetypes: ["image/*"] }, letter: {} };
  const compiled = await plan(abi([raw({ fields })]));
  const described = describeEndpoint(compiled, {}, deployment);
  expect(described.methods).toEqual(["POST", "PUT"]);
  for (const method of ["POST", "PUT"] satisfies Method[]) {
    expect(describeOperation(described, method, [])).toMatchObject({
      operationId: `test-01.${method.toLowerCase()}`,
      parameters: [
        {
          name: "Content-Disposition",
          in: "header",
          required: false,
          example: expect.stringContaining('name="photo"'),
        },
        { $ref: "#/components/parameters/IdempotencyKey" },
      ],
      requestBody: {
        required: true,
        content: {
          "multipart/form-data": {},
          "image/*": { schema: { type: "string", format: "binary" } },
          "image/png": { schema: { type: "string", format: "binary" } },
        },
      },
    });
  }
  expect(printTypes([described])).toContain('method: "POST",');
  const putting = describeEndpoint(await plan(abi([raw()], { methods: ["PUT"] })), {}, deployment);
  expect(printTypes([putting])).toContain('method: "PUT",');
  expect(putting.problems).toContain("body_malformed");
  expect(putting.isRepeatable).toBe(true);
});
