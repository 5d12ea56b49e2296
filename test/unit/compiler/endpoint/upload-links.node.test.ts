/** `links` of an UPLOAD: what links may allow, and which endpoints cannot have any. */
import { expect, test } from "vitest";
import { featuresOf } from "../../../../src/compiler/emit.ts";
import { abi, asUpload, diagnose, plan, query, upload } from "../support.ts";

type Members = Record<string, unknown>;

const linked = (uploads: Members = {}, more: Members = {}, others: readonly Members[] = []) =>
  abi([upload({ links: true, ...uploads }), ...others], more);
const at = "a.json/actionables/0/uploads/links";
const open = { tokenize: undefined, protected: undefined };

test("the plan has bounds where an ABI asks for links, and nothing elsewhere", async () => {
  const boundsOf = async (links: unknown) => asUpload((await plan(linked({ links }))).steps[0]).links;
  expect(await boundsOf(true)).toEqual({ maxUploads: 1000, maxLifeSeconds: 604_800 });
  expect(await boundsOf({})).toEqual({ maxUploads: 1000, maxLifeSeconds: 604_800 });
  expect(await boundsOf({ max_uploads: 1 })).toEqual({ maxUploads: 1, maxLifeSeconds: 604_800 });
  expect(await boundsOf({ max_uploads: 9, max_expires: 60 })).toEqual({ maxUploads: 9, maxLifeSeconds: 60 });
  expect(await boundsOf(false)).toBeUndefined();
  expect(featuresOf([await plan(linked())], false)).toEqual(["uploadLinks", "pictures"]);
  expect(featuresOf([await plan(linked({ links: false }))], false)).toEqual(["pictures"]);
});

const hook = { verifications: { HeaderTokenVerifier: { header_key: "X", secret_key: "$ENV.HOOK" } } };
const caller = 'a link is somebody\'s who may call; expected "tokenize" and "protected"';
const nobody = 'a link is somebody\'s who may call; expected "id" or "sub" in extract_claims';
const protection = { provide_as: "Authorization", extract_claims: ["email"] };
const parameter = { query_parameters: { upload: { type: "STRING", optional: true } } };
const reading = query(2, "SELECT $1 AS x", ["$QUERY.upload"]);

test.each<[title: string, source: Members, line: string]>([
  ["no callers", linked({}, open), `${at}: ${caller}`],
  ["callers without names", linked({}, { protected: protection }), `${at}: ${nobody}`],
  ["a text", linked({ links: "yes" }), `${at}: expected true, or an object such as {"max_uploads": 100}`],
  ["a null", linked({ links: null }), `${at}: expected true, or an object such as {"max_uploads": 100}`],
  ["no uploads", linked({ links: { max_uploads: 0 } }), `${at}/max_uploads: must be at least 1`],
  ["an endless life", linked({ links: { max_expires: 1e9 } }), `${at}/max_expires: must be at most 31622400`],
  [
    "an unknown bound",
    linked({ links: { max_upload: 1 } }),
    `${at}/max_upload: unknown property "max_upload"; expected max_uploads, max_expires. Did you mean "max_uploads"?`,
  ],
  [
    "a webhook",
    linked({}, { webhook: hook }),
    `${at}: cannot be together with webhook, whose secret no holder of a link has`,
  ],
  [
    "tokens that are revoked",
    linked({}, { invalidate_tokenize: {} }),
    `${at}: cannot be together with invalidate_tokenize: a call by link has no token`,
  ],
  [
    "a parameter of the links' own name",
    linked({}, parameter, [reading]),
    'a.json/query_parameters: "upload" is the parameter of links: expected another name',
  ],
  [
    "a deletion",
    abi([{ id: 1, mode: "UPLOAD", uploads: { delete_files: true, links: true } }]),
    `${at}: has no meaning beside delete_files`,
  ],
])("is told of %s", async (_title, source, line) => {
  expect(await diagnose(source)).toContain(line);
});

test.each<[title: string, resource: string, taken: string | null]>([
  ["the links' own address", "test/links", "test"],
  ["an address below the links'", "test/links/:id", "test"],
  ["names that stand for both", ":one/:other", "test"],
  ["the links' address by id", "test-01/links", "test-01"],
  ["an address beside", "test/link", null],
  ["an address further below", "test/links/a/b", null],
])("another endpoint at %s", async (_title, resource, taken) => {
  const reader = abi([query(1, "SELECT id FROM albums WHERE owner = $1", ["$PROTECTED.id"])], {
    id: "other",
    resource,
  });
  const told = `b.json/resource: "${resource}" would take calls of "${String(taken)}/links", which gives upload links: write another word`;
  const found = (await diagnose(linked(), reader)).filter((line) => line.includes("upload links"));
  expect(found).toEqual(taken === null ? [] : [told]);
  expect((await diagnose(abi([upload()]), reader)).filter((line) => line.includes("upload links"))).toEqual([]);
});

test("two endpoints that give links at one resource", async () => {
  const [posting, putting] = [
    linked({ raw: true }, { methods: ["POST"] }),
    linked({ raw: true }, { id: "other", methods: ["PUT"] }),
  ];
  expect(await diagnose(posting, putting)).toContain('b.json/resource: a.json gives upload links of "test" as well');
  const [one, other] = [
    linked({ raw: true }, { resource: "of/:album", methods: ["POST"] }),
    linked({ raw: true }, { id: "other", resource: "of/:name", methods: ["PUT"] }),
  ];
  expect(await diagnose(one, other)).toContain('b.json/resource: a.json gives upload links of "of/:name" as well');
});
