import { expect, test } from "vitest";
import { featuresOf } from "../../../../src/compiler/emit.ts";
import { abi, diagnose, plan, query, upload } from "../support.ts";

const fields = { document: { required: true }, selfie: {}, photos: { max_files: 3, max_upload_file_size: 1_000_000 } };
const rows = "INSERT INTO albums (id, owner, title) VALUES ($1, $2, $3)";
const writing = (...values: readonly string[]) => query(2, rows, ["$GENERATOR.UUID", "$PROTECTED.id", ...values]);
const writingEach = (...values: readonly string[]) =>
  query(2, rows, ["$GENERATOR.UUID", "$PROTECTED.id", ...values], { multi: true });

test.each<[string, object, string]>([
  [
    "a property of a field",
    { fields: { document: { max_file: 1 } } },
    'fields/document/max_file: unknown property "max_file"; expected required, max_files, min_files, max_upload_file_size, allowed_mimetypes, upload_folder, visibility, strip_metadata, strict_images, replaces, thumbnails. Did you mean "max_files"?',
  ],
  [
    "a field's name",
    { fields: { "my file": {} } },
    "fields/my file: expected the name of a form field: letters, digits and _",
  ],
  [
    "a name of what is known of files",
    { fields: { url: {} } },
    '/fields/url: "url" is what is known of each file; expected another name',
  ],
  ["no fields", { fields: {} }, '/fields: expected at least one field, such as {"document": {}}'],
  [
    "min_file_uploads beside fields",
    { fields, min_file_uploads: 2 },
    "/min_file_uploads: has no meaning beside fields; expected min_files or required in a field",
  ],
  [
    "min over max",
    { fields: { document: { min_files: 2 } } },
    "/fields/document/min_files: is over the most files of the field, which is 1",
  ],
  [
    "required and none",
    { fields: { document: { required: true, min_files: 0 } } },
    "/fields/document/min_files: is 0, and the field is required",
  ],
  [
    "not required and one",
    { fields: { document: { required: false, min_files: 1 } } },
    "/fields/document/required: is false, and min_files is 1",
  ],
  [
    "a type",
    { fields: { document: { allowed_mimetypes: ["png"] } } },
    '/fields/document/allowed_mimetypes/0: "png" is not a media type; write "image/png"',
  ],
  [
    "too much together",
    { fields: { a: { max_files: 3 }, b: { max_files: 3 } } },
    "/fields: all fields together, with 125829120 bytes, are over the deployment's request-body limit of 100000000 bytes (MAX_REQUEST_BYTES)",
  ],
  [
    "a folder",
    { fields: { document: { upload_folder: "$PROTECTED.team" } } },
    "/fields/document/upload_folder: $PROTECTED.team is not in extract_claims (id, email)",
  ],
  ["min over max without fields", { min_file_uploads: 2 }, "/min_file_uploads: is over max_file_uploads, which is 1"],
])("refuses %s", async (_, uploads, line) => {
  expect(await diagnose(abi([upload({ max_upload_file_size: 20_971_520, ...uploads })]))).toEqual([
    expect.stringContaining(line),
  ]);
});

test("what stands beside the fields is told once", async () => {
  const lines = await diagnose(abi([upload({ allowed_mimetypes: ["png"], fields })]));
  expect(lines).toHaveLength(1);
  expect(lines[0]).toContain("/uploads/allowed_mimetypes/0:");
});

test.each<[string, string, string]>([
  ["an unknown fact", "document.storage_ky", 'nothing is known as "storage_ky" of a file; expected storage_key,'],
  [
    "one of several",
    "photos.storage_key",
    '"photos.storage_key" is a field of each file of "photos", and several may come: set "multi": true, or max_files to 1',
  ],
  [
    "no field",
    "storage_key",
    '"storage_key" is a field of each file, and several may come: set "multi": true, or write document.storage_key',
  ],
])("refuses to read %s", async (_, value, message) => {
  expect(await diagnose(abi([upload({ fields }), writing(value)]))).toEqual([expect.stringContaining(message)]);
});

test("a field is read by its name, a file by its number, and under an extracted name", async () => {
  const renamed = { extract_response_for: [{ extract: "document.storage_key", for: "paper" }] };
  for (const [value, more, path] of [
    ["selfie.width", {}, ["width"]],
    ["photos.0.storage_key", {}, [0, "storage_key"]],
    ["paper", renamed, ["storage_key"]],
  ] as const) {
    const { steps } = await plan(abi([upload({ fields }), { ...writing(value), ...more }]));
    const [, step] = steps;
    expect(step?.mode === "query" ? step.parameters[2]?.value : null).toMatchObject({ from: "result", path });
  }
});

test("runs once for each file of the field of several that it reads, else of all", async () => {
  for (const [value, result] of [
    ["photos.storage_key", 5],
    ["storage_key", 2],
  ] as const) {
    const { steps } = await plan(abi([upload({ fields }), writingEach(value)]));
    const [, step] = steps;
    expect(step).toMatchObject({ each: { from: "result", step: result, path: [] } });
  }
});

test("facts of pictures are made for the field that is read", async () => {
  const { steps } = await plan(abi([upload({ fields }, { returnables: ["url"] }), writing("selfie.dominant_color")]));
  const [step] = steps;
  const made = step?.mode === "upload" ? step.fields?.list.map(({ name, imageFields }) => [name, imageFields]) : null;
  expect(made).toEqual([
    ["document", []],
    ["selfie", ["dominant_color"]],
    ["photos", []],
  ]);
});

test("settings that name a field's folder are the endpoint's", async () => {
  const compiled = await plan(abi([upload({ fields: { document: { upload_folder: "$ENV.TENANT" } } })]));
  expect(compiled.environment).toContain("TENANT");
});

test("field_name is known where fields are named, and only there", async () => {
  expect(await diagnose(abi([upload({ fields }, { returnables: ["field_name", "url"] })]))).toEqual([]);
  expect(await diagnose(abi([upload({}, { returnables: ["field_name"] })]))).toEqual([
    expect.stringContaining('actionable 1 never returns "field_name"'),
  ]);
});

test("a Worker takes fields by name only where an ABI has them", async () => {
  expect(featuresOf([await plan(abi([upload({ fields })]))], false)).toEqual(["fileFields", "pictures"]);
  expect(featuresOf([await plan(abi([upload()]))], false)).toEqual(["pictures"]);
});
