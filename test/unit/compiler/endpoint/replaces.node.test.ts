/** `replaces`: what is refused, and what the plan says. */
import { expect, test } from "vitest";
import { featuresOf } from "../../../../src/compiler/emit.ts";
import { abi, asUpload, diagnose, plan, query, upload } from "../support.ts";

const apart = (written: string) =>
  `/uploads/replaces: ${JSON.stringify(written)} tells no files apart; expected true, or a value of the call such as "$PAYLOAD.album"`;

test.each<[string, Record<string, unknown>, string]>([
  ["a name that nothing provides", { replaces: "album_id" }, apart("album_id")],
  ["a text", { replaces: "the cover" }, apart("the cover")],
  ["what is new in each call", { replaces: "$GENERATOR.UUID" }, apart("$GENERATOR.UUID")],
  ["the moment", { replaces: "$PAYLOAD.album-$DATETIME" }, apart("$PAYLOAD.album-$DATETIME")],
  ["a setting alone", { replaces: "team-$ENV.TEAM" }, apart("team-$ENV.TEAM")],
  [
    "a claim that is not extracted",
    { replaces: "$PROTECTED.team" },
    "/uploads/replaces: $PROTECTED.team is not in extract_claims (id, email)",
  ],
  ["an accessor that is none", { replaces: "$PAYLAOD.album" }, '/uploads/replaces: unknown accessor "$PAYLAOD"'],
  [
    "another type",
    { replaces: 5 },
    '/uploads/replaces: expected true, or a value of the call that tells files apart, such as "$PAYLOAD.album"',
  ],
  [
    "the fields of the form themselves",
    { replaces: { field: "album" } },
    '/uploads/replaces: expected true, or a value of the call that tells files apart, such as "$PAYLOAD.album"',
  ],
  [
    "a text in one field",
    { fields: { document: { replaces: "album" } } },
    '/uploads/fields/document/replaces: "album" tells no files apart',
  ],
  ["a deletion", { delete_files: true, replaces: true }, "/uploads/replaces: has no meaning beside delete_files"],
])("refuses %s", async (_, uploads, line) => {
  const lines = await diagnose(
    abi([upload("delete_files" in uploads ? { allowed_mimetypes: undefined, ...uploads } : uploads)]),
  );
  expect(lines).toEqual([expect.stringContaining(line)]);
});

test("is told once for all fields that have it from above", async () => {
  const lines = await diagnose(abi([upload({ replaces: "album", fields: { a: {}, b: {} } })]));
  expect(lines).toEqual([expect.stringContaining(apart("album"))]);
});

test("needs a caller", async () => {
  const open = { tokenize: undefined, protected: undefined };
  const expected = `/uploads/replaces: only the owner's files are replaced; expected "tokenize" and "protected"`;
  for (const replaces of [true, "$PAYLOAD.album"]) {
    expect(await diagnose(abi([upload({ replaces })], open))).toEqual([expect.stringContaining(expected)]);
  }
});

test("takes a field, a claim, an earlier row or a text of them", async () => {
  const row = query(1, "SELECT id AS album FROM albums WHERE owner = $1", ["$PROTECTED.id"]);
  for (const [written, reference] of [
    ["$PAYLOAD.album.id", { from: "payload", path: ["album", "id"] }],
    ["$PROTECTED.email", { from: "claim", path: ["email"] }],
    ["album", { from: "result", step: 0, path: ["album"] }],
    ["$HEADER.X-Album", { from: "header", name: "x-album" }],
  ] as const) {
    const { steps } = await plan(abi([row, { ...upload({ replaces: written }), id: 2 }]));
    expect(asUpload(steps[1]).replaces).toEqual(reference);
  }
});

test("is in the Worker of a plan that has it, also in one field, and in no other", async () => {
  const whole = await plan(abi([upload({ replaces: true })]));
  expect(asUpload(whole.steps[0]).replaces).toBe(true);
  expect(featuresOf([whole], false)).toEqual(["replacing", "pictures"]);
  const named = await plan(
    abi([upload({ replaces: true, fields: { a: {}, b: { replaces: false }, c: { replaces: "$PAYLOAD.x" } } })]),
  );
  expect(asUpload(named.steps[0]).fields?.list.map(({ replaces }) => replaces)).toEqual([
    true,
    undefined,
    { from: "payload", path: ["x"] },
  ]);
  expect(featuresOf([named], false)).toEqual(["replacing", "fileFields", "pictures"]);
  expect(featuresOf([await plan(abi([upload({ replaces: false })]))], false)).toEqual(["pictures"]);
});
