import { describe, expect, test } from "vitest";
import { abi, authentication, compile, diagnose, query, upload } from "./support.ts";

const select = "SELECT id FROM albums WHERE owner = $1";
const one = [query(1, select, ["$PROTECTED.id"])];
const open = { tokenize: undefined, protected: undefined };
const tokenize = (members: object) => abi(one, { tokenize: { ...authentication.tokenize, ...members } });

/** What is wrong → the ABI → the one line that says so (its beginning). */
const faults: [name: string, source: Record<string, unknown> | string, line: string][] = [
  // JSON
  ["syntax", '{\n  "id": "a",\n  oops\n}', 'a.json:3:3: not JSON: expected a member name in "quotes", found "o"'],
  ["two commas", '{"id": "a",,}', 'a.json:1:12: not JSON: expected a member name in "quotes", found ","'],
  ["no object", "[]", "a.json: expected an object, found a list"],
  ["too deep", "[".repeat(200), "a.json:1:102: not JSON: nested deeper than 100 levels"],
  // Properties
  [
    "unknown",
    abi(one, { resorce: "x" }),
    'a.json/resorce: unknown property "resorce"; expected $schema, id, resource,',
  ],
  ["later", abi(one, { cacheable: {} }), 'a.json/cacheable: "cacheable" is not supported yet'],
  ["expiration", abi([upload({ expiration: 0 })]), "a.json/actionables/0/uploads/expiration: "],
  [
    "later: mode",
    abi([{ id: 1, mode: "HTTPREQUEST" }]),
    'a.json/actionables/0/mode: "HTTPREQUEST" is not supported yet',
  ],
  [
    "misspelt mode",
    abi([{ id: 1, mode: "UPLOD" }]),
    'a.json/actionables/0/mode: expected "UPLOAD" or "QUERY", found "UPLOD". Did you mean "UPLOAD"?',
  ],
  [
    "misspelt",
    abi([upload({ max_file_upload: 2 })]),
    'a.json/actionables/0/uploads/max_file_upload: unknown property "max_file_upload"; expected max_file_uploads,',
  ],
  [
    "wrong kind",
    abi([upload({ max_file_uploads: "2" })]),
    "a.json/actionables/0/uploads/max_file_uploads: expected a whole",
  ],
  [
    "wrong kind",
    abi([upload({ max_file_uploads: 1.5 })]),
    "a.json/actionables/0/uploads/max_file_uploads: expected a whole",
  ],
  ["zero", abi([upload({ max_file_uploads: 0 })]), "a.json/actionables/0/uploads/max_file_uploads: must be at least 1"],
  ["no actionables", abi([]), "a.json/actionables: must not be empty"],
  ["missing", { resource: "a", actionables: one }, 'a.json/id: "id" is missing; expected a text'],
  ["id", abi(one, { id: "a b" }), "a.json/id: expected letters, digits, - and _"],
  ["resource", abi(one, { resource: "Not_Kebab" }), "a.json/resource: expected kebab-case words"],
  ["own route", abi(one, { resource: "files/mine" }), 'a.json/resource: "files/mine" is a route of the runtime itself'],
  ["own route", abi(one, { resource: "healthz" }), 'a.json/resource: "healthz" is a route of the runtime itself'],
  ["own route", abi(one, { id: "files" }), 'a.json/id: "files" is a route of the runtime itself'],
  [
    "parameter",
    abi([query(1, select, [["x"]])]),
    "a.json/actionables/0/sql_query/parameters/0: expected a text, a number",
  ],
  // Authentication
  [
    "literal secret",
    abi(one, { tokenize: { ...authentication.tokenize, encryption_key: "hunter2" } }),
    "a.json/tokenize/encryption_key: expected a secret of the deployment, written $ENV.NAME; never the secret itself",
  ],
  [
    "the links' secret",
    tokenize({ encryption_key: "$ENV.LINK_SECRET" }),
    "a.json/tokenize/encryption_key: LINK_SECRET signs links; expected a secret of its own for tokens",
  ],
  [
    "previous secret",
    tokenize({ encryption_key: "$ENV.JWT_SECRET_KEY_PREVIOUS" }),
    "a.json/tokenize/encryption_key: expected the secret's own name: what ends in _PREVIOUS is the value it had before",
  ],
  ["audience", tokenize({ audience: 1 }), "a.json/tokenize/audience: expected a text or a list of texts"],
  ["audience: none", tokenize({ audience: [] }), "a.json/tokenize/audience: must not be empty"],
  ["audience: empty", tokenize({ audience: [""] }), "a.json/tokenize/audience/0: expected a text, or a variable"],
  [
    "issuer",
    tokenize({ issuer: "$PAYLOAD.iss" }),
    "a.json/tokenize/issuer: expected a text, or a variable of the deployment, written $ENV.NAME",
  ],
  ["issuer: empty", tokenize({ issuer: "" }), "a.json/tokenize/issuer: expected a text, or a variable"],
  ["issuer: a list", tokenize({ issuer: ["x"] }), "a.json/tokenize/issuer: expected a text, found a list"],
  ["max_age", tokenize({ max_age: 0 }), "a.json/tokenize/max_age: must be at least 1"],
  ["max_age: part", tokenize({ max_age: 1.5 }), "a.json/tokenize/max_age: expected a whole number"],
  ["max_age: text", tokenize({ max_age: "1h" }), "a.json/tokenize/max_age: expected a whole number"],
  [
    "algorithm",
    abi(one, { tokenize: { ...authentication.tokenize, algorithm: "none" } }),
    'a.json/tokenize/algorithm: expected "HS256" or "HS384" or "HS512", found "none"',
  ],
  [
    "PASETO",
    abi(one, { tokenize: { ...authentication.tokenize, type: "PASETO" } }),
    'a.json/tokenize/type: "PASETO" is not supp',
  ],
  [
    "issuing",
    abi([query(1, "SELECT id FROM albums")], { protected: undefined }),
    'a.json/tokenize: issues a token that no returnables name; expected "token"',
  ],
  ["no key", abi(one, { tokenize: undefined }), 'a.json/protected: needs "tokenize"'],
  [
    "claim twice",
    abi(one, { protected: { provide_as: "x", extract_claims: ["id", "id"] } }),
    "a.json/protected/extract_claims/1: this claim is listed twice",
  ],
  [
    "claim",
    abi(one, { protected: { provide_as: "x", extract_claims: ["id", "constructor"] } }),
    'a.json/protected/extract_claims/1: "constructor" may not be part of a path',
  ],
  // References
  [
    "claim",
    abi([query(1, select, ["$PROTECTED.emial"])]),
    'a.json/actionables/0/sql_query/parameters/0: $PROTECTED.emial is not in extract_claims (id, email). Did you mean "email"?',
  ],
  [
    "claim, open",
    abi(one, open),
    "a.json/actionables/0/sql_query/parameters/0: $PROTECTED.id: the endpoint is not protected",
  ],
  [
    "accessor",
    abi([query(1, select, ["$PROTECTD.id"])]),
    'a.json/actionables/0/sql_query/parameters/0: unknown accessor "$PROTECTD"; expected',
  ],
  [
    "generator",
    abi([query(1, select, ["$GENERATOR.NANO"])]),
    'a.json/actionables/0/sql_query/parameters/0: unknown generator "$GENERATOR.NANO"; expected',
  ],
  ["no name", abi([query(1, select, ["$ENV"])]), 'a.json/actionables/0/sql_query/parameters/0: "$ENV" needs a name'],
  [
    "prototype",
    abi([query(1, select, ["$PAYLOAD.__proto__.x"])]),
    'a.json/actionables/0/sql_query/parameters/0: "__proto__" may not be part of a path',
  ],
  [
    "prototype, bare",
    abi([query(1, select, ["constructor"])]),
    'a.json/actionables/0/sql_query/parameters/0: "constructor" may not be part of a path',
  ],
  [
    "several files",
    abi([upload({ max_file_uploads: 2 }), query(2, "SELECT id FROM albums WHERE title = $1", ["url"])]),
    'a.json/actionables/1/sql_query/parameters/0: "url" is a field of each file, and several may come',
  ],
  [
    "several deleted",
    abi([
      { id: 1, mode: "UPLOAD", uploads: { delete_files: true } },
      query(2, "DELETE FROM gallery WHERE storage_key = $1", ["storage_key"]),
    ]),
    'a.json/actionables/1/sql_query/parameters/0: "storage_key" is a field of each file, and several may come: set "multi"',
  ],
  // Answer
  [
    "returnable",
    abi([upload({}, { returnables: ["storage_ky"] })]),
    'a.json/actionables/0/returnables/0: actionable 1 never returns "storage_ky"; expected storage_key,',
  ],
  [
    "secret",
    abi([upload({}, { returnables: ["$ENV.X"] })]),
    "a.json/actionables/0/returnables/0: returnables are names of fields",
  ],
  [
    "endpoint's",
    abi(one, { returnables: ["nope"] }),
    'a.json/returnables/0: actionable 1 never returns "nope"; expected id',
  ],
  [
    "two mains",
    abi([
      query(1, "SELECT id FROM albums", [], { main_returnable: true }),
      query(2, "SELECT id FROM albums", [], { main_returnable: true }),
    ]),
    "a.json/actionables/1/main_returnable: another actionable has main_returnable already",
  ],
  // Order
  [
    "same id",
    abi([query(1, "SELECT id FROM albums"), query(1, "SELECT id FROM albums")]),
    "a.json/actionables/1/id: another",
  ],
  [
    "idle no_op",
    abi([query(1, "SELECT id FROM albums", [], { no_op: true }), upload({}, { id: 2 })]),
    "a.json/actionables/0/no_op: nothing depends on this actionable",
  ],
  [
    "circle",
    abi([
      query(1, "SELECT id FROM albums", [], { depends_on: [{ resource_id: "self", action_ids: [2] }] }),
      query(2, "SELECT id FROM albums", [], { depends_on: [{ resource_id: "self", action_ids: [1] }] }),
    ]),
    "a.json/actionables/1/depends_on/0: actionables depend on each other in a circle: 1 → 2 → 1",
  ],
  [
    "unknown actionable",
    abi([query(1, "SELECT id FROM albums", [], { depends_on: [{ resource_id: "self", action_ids: [7] }] })]),
    "a.json/actionables/0/depends_on/0/action_ids: this ABI has no actionable 7; expected one of 1",
  ],
  [
    "unknown endpoint",
    abi([query(1, "SELECT id FROM albums", [], { depends_on: [{ resource_id: "slef", action_ids: [1] }] })]),
    'a.json/actionables/0/depends_on/0/resource_id: there is no endpoint with the id "slef". Did you mean "self"?',
  ],
  [
    "extraction",
    abi([
      query(1, "SELECT id FROM albums"),
      query(2, select, ["album"], {
        depends_on: [{ resource_id: "self", action_ids: [1], extract_response_for: [{ extract: "di", for: "album" }] }],
      }),
    ]),
    'a.json/actionables/1/depends_on/0/extract_response_for/0/extract: the source never returns "di"; expected one of id. Did you mean "id"?',
  ],
  // Uploads
  [
    "over the limit",
    abi([upload({ max_file_uploads: 11, max_upload_file_size: 10_000_000 })]),
    "a.json/actionables/0/uploads/max_file_uploads: 11 files of 10000000 bytes are over the deployment's request-body limit",
  ],
  [
    "over the limit",
    abi([upload({ max_upload_file_size: 100_000_001 })]),
    "a.json/actionables/0/uploads/max_upload_file_size: 100000001 bytes are over the deployment's request-body limit",
  ],
  [
    "no types",
    abi([{ id: 1, mode: "UPLOAD", uploads: {} }]),
    'a.json/actionables/0/uploads/allowed_mimetypes: "allowed_mimetypes" is missing',
  ],
  [
    "type",
    abi([upload({ allowed_mimetypes: ["image/png", "png", "*/png"] })]),
    'a.json/actionables/0/uploads/allowed_mimetypes/1: "png" is not a media type',
  ],
  [
    "folder",
    abi([upload({ upload_folder: "/a/../b" })]),
    'a.json/actionables/0/uploads/upload_folder: may not hold the segment ".."',
  ],
  [
    "folder",
    abi([upload({ upload_folder: "/a//b" })]),
    "a.json/actionables/0/uploads/upload_folder: has an empty segment",
  ],
  ["folder", abi([upload({ upload_folder: "/" })]), "a.json/actionables/0/uploads/upload_folder: has an empty segment"],
  [
    "folder",
    abi([upload({ upload_folder: "a\\b" })]),
    "a.json/actionables/0/uploads/upload_folder: may not hold backslashes",
  ],
  [
    "folder",
    abi([upload({ upload_folder: "a\u0001" })]),
    "a.json/actionables/0/uploads/upload_folder: may not hold backslashes",
  ],
  [
    "folder",
    abi([upload({ upload_folder: `a/${"x".repeat(256)}` })]),
    "a.json/actionables/0/uploads/upload_folder: has a segment",
  ],
  [
    "folder",
    abi([upload({ upload_folder: "/$PROTECTED.sub" })]),
    "a.json/actionables/0/uploads/upload_folder: $PROTECTED.sub is",
  ],
  [
    "two uploads",
    abi([upload(), upload({}, { id: 2 })]),
    "a.json/actionables/1/mode: the request body can be read once",
  ],
  [
    "upload and deletion",
    abi([upload(), { id: 2, mode: "UPLOAD", uploads: { delete_files: true } }]),
    "a.json/actionables/1/mode: the request body can be read once",
  ],
  [
    "deletion with limits",
    abi([upload({ delete_files: true })]),
    "a.json/actionables/0/uploads/allowed_mimetypes: has no meaning beside delete_files",
  ],
  [
    "open deletion",
    abi([{ id: 1, mode: "UPLOAD", uploads: { delete_files: true } }], open),
    'a.json/actionables/0/uploads/delete_files: only the owner of files may delete them; expected "tokenize"',
  ],
  [
    "deletion without owner",
    abi([{ id: 1, mode: "UPLOAD", uploads: { delete_files: true } }], {
      protected: { provide_as: "x", extract_claims: ["email"] },
    }),
    'a.json/actionables/0/uploads/delete_files: only the owner of files may delete them; expected "id" or "sub"',
  ],
  // SQL
  [
    "two statements",
    abi([query(1, "SELECT 1; SELECT 2")]),
    "a.json/actionables/0/sql_query/query: expected one SQL statement",
  ],
  [
    "DDL",
    abi([query(1, "DROP TABLE albums")]),
    "a.json/actionables/0/sql_query/query: expected SELECT, INSERT, UPDATE or DELETE",
  ],
  [
    "SET",
    abi([query(1, "SET a = 1")]),
    "a.json/actionables/0/sql_query/query: expected SELECT, INSERT, UPDATE or DELETE",
  ],
  [
    "COPY",
    abi([query(1, "COPY albums TO '/x'")]),
    "a.json/actionables/0/sql_query/query: expected SELECT, INSERT, UPDATE or DEL",
  ],
  ["SELECT INTO", abi([query(1, "SELECT id INTO x FROM albums")]), "a.json/actionables/0/sql_query/query: SELECT INTO"],
  [
    "syntax",
    abi([query(1, "SELECT * FORM albums")]),
    'a.json/actionables/0/sql_query/query: cannot be parsed: syntax error at or near "FORM". Did you mean "FROM"?',
  ],
  [
    "no parameter",
    abi([query(1, select)]),
    "a.json/actionables/0/sql_query/query: $1 has no parameter: the list has 0 parameters",
  ],
  [
    "unused",
    abi([query(1, select, [1, 2])]),
    "a.json/actionables/0/sql_query/parameters/1: the statement never uses $2",
  ],
  [
    "table",
    abi([query(1, "SELECT id FROM album")]),
    'a.json/actionables/0/sql_query/query: SQLite refuses this: no such table: album. Did you mean "albums"?',
  ],
  [
    "column",
    abi([query(1, "SELECT titel FROM albums")]),
    'a.json/actionables/0/sql_query/query: SQLite refuses this: no such column: titel. Did you mean "title"?',
  ],
  [
    "same column",
    abi([query(1, "SELECT id, title AS id FROM albums")]),
    'a.json/actionables/0/sql_query/query: returns two columns named "id"',
  ],
];

test.each<[string, Record<string, unknown>, string]>([
  [
    "metadata of a video",
    { allowed_mimetypes: ["image/png", "image/*", "video/mp4"], strip_metadata: true },
    "a.json/actionables/0/uploads/strip_metadata: warning: metadata of video/mp4 cannot be removed: it is stored as it comes",
  ],
  [
    "the structure of a TIFF",
    { allowed_mimetypes: ["image/*", "image/tiff", "application/pdf"], strict_images: true },
    "a.json/actionables/0/uploads/strict_images: warning: the structure of image/tiff cannot be checked: it is stored as it comes",
  ],
])("a promise that cannot be kept for all types is a warning: %s", async (_name, uploads, line) => {
  expect(await diagnose(abi([upload(uploads)]))).toEqual([line]);
});

describe("faults", () => {
  test.each(faults)("%s: %#", async (_name, source, line) => {
    const lines = await diagnose(source);
    expect(lines.map((found) => found.slice(0, line.length))).toContain(line);
    expect(lines.filter((found) => !found.includes(": warning: "))).not.toHaveLength(0);
    expect((await compile([source])).plans).toEqual([]);
  });

  test("a literal secret is not repeated", async () => {
    const lines = await diagnose(abi(one, { tokenize: { ...authentication.tokenize, encryption_key: "hunter2" } }));
    expect(lines.join()).not.toContain("hunter2");
  });

  test("a member that an object holds twice", async () => {
    const text = JSON.stringify(abi([upload()])).replace('"mode":"UPLOAD"', '"mode":"UPLOAD","mode":"QUERY"');
    expect(await diagnose(text)).toContain("a.json/actionables/0/mode: this object has a member of that name already");
  });

  test("all faults of all files, sorted by place", async () => {
    const wrong = abi(
      [upload({ upload_folder: "/.." }), query(2, "SELECT nope FROM albums WHERE id = $1", ["$NOPE.x"])],
      { colour: "red" },
    );
    expect((await diagnose(wrong, "{")).map((line) => line.slice(0, line.indexOf(": ")))).toEqual([
      "a.json/actionables/0/uploads/upload_folder",
      "a.json/actionables/1/sql_query/parameters/0",
      "a.json/actionables/1/sql_query/query",
      "a.json/colour",
      "b.json:1:2",
    ]);
  });

  test("the deployment's body limit: at it and one over", async () => {
    const source = abi([upload({ max_file_uploads: 2, max_upload_file_size: 500 })]);
    expect((await compile([source], { maxRequestBytes: 1000 })).diagnostics).toEqual([]);
    const [over] = (await compile([source], { maxRequestBytes: 999 })).diagnostics;
    expect(over).toMatchObject({ place: "/actionables/0/uploads/max_file_uploads", severity: "fault" });
    expect(over?.message).toContain("expected at most 1");
  });
});
