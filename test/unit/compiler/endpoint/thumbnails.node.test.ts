/** `thumbnails`: what is refused, what is warned of, and what the plan says. */
import { describe, expect, test } from "vitest";
import { featuresOf } from "../../../../src/compiler/emit.ts";
import { abi, asUpload, diagnose, plan, query, upload } from "../support.ts";

type Members = Readonly<Record<string, unknown>>;
const small = { name: "small", max_edge: 320 };
const at = "a.json/actionables/0/uploads/thumbnails";

test.each<[string, readonly unknown[] | object, string]>([
  ["none", [], `${at}: must not be empty`],
  ["one that stands alone", small, `${at}: expected a list, found an object`],
  ["four", ["a", "b", "c", "d"].map((name) => ({ ...small, name })), `${at}: must be at most 3 items`],
  ["a size alone", [320], `${at}/0: expected an object, found a number`],
  ["no name", [{ max_edge: 320 }], `${at}/0/name: "name" is missing; expected a text`],
  ["no size", [{ name: "small" }], `${at}/0/max_edge: "max_edge" is missing; expected a whole number`],
  ["a name twice", [small, { ...small, max_edge: 640 }], `${at}/1/name: "small" is the name of another`],
  ["a name with a space", [{ ...small, name: "a b" }], `${at}/0/name: expected a plain name`],
  ["a name with a capital", [{ ...small, name: "Small" }], `${at}/0/name: expected a plain name`],
  ["a name that begins with a sign", [{ ...small, name: "-a" }], `${at}/0/name: expected a plain name`],
  ["a name of 33 characters", [{ ...small, name: "a".repeat(33) }], `${at}/0/name: expected a plain name`],
  ["a size that is too small", [{ ...small, max_edge: 15 }], `${at}/0/max_edge: must be at least 16`],
  ["a size that is too large", [{ ...small, max_edge: 1281 }], `${at}/0/max_edge: must be at most 1280`],
  ["half a pixel", [{ ...small, max_edge: 320.5 }], `${at}/0/max_edge: expected a whole number`],
  ["no quality", [{ ...small, quality: 0 }], `${at}/0/quality: must be at least 1`],
  ["too much quality", [{ ...small, quality: 101 }], `${at}/0/quality: must be at most 100`],
  [
    "a colour by its name",
    [{ ...small, background: "white" }],
    `${at}/0/background: expected a colour such as "#ffffff"`,
  ],
  ["a short colour", [{ ...small, background: "#fff" }], `${at}/0/background: expected a colour such as "#ffffff"`],
  [
    "a width",
    [{ ...small, width: 320 }],
    `${at}/0/width: unknown property "width"; expected name, max_edge, quality, background`,
  ],
])("refuses %s", async (_, thumbnails, line) => {
  const types = { allowed_mimetypes: ["image/*"] };
  expect(await diagnose(abi([upload({ ...types, thumbnails })]))).toEqual([expect.stringContaining(line)]);
});

const sources =
  "only of image/jpeg, image/png, image/gif, and with the binding IMAGES of image/webp, image/avif, image/heic, image/heif";

test.each<[string, readonly string[], readonly string[]]>([
  [
    "no picture",
    ["application/pdf", "image/tiff"],
    [`${at}: warning: thumbnails are made ${sources}: none of these is taken`],
  ],
  [
    "what is not decoded",
    ["image/webp", "video/mp4"],
    [`${at}: warning: of image/webp none are made without the binding IMAGES`],
  ],
  ["a picture among others", ["image/webp", "image/gif", "video/mp4"], []],
  ["a picture by another name", ["image/jpg"], []],
  ["any picture", ["image/*"], []],
  ["anything", ["*/*"], []],
])("of %s", async (_, types, lines) => {
  expect(await diagnose(abi([upload({ allowed_mimetypes: types, thumbnails: [small] })]))).toEqual(lines);
});

test("a deletion has none", async () => {
  const uploads = { allowed_mimetypes: undefined, delete_files: true, thumbnails: [small] };
  expect(await diagnose(abi([upload(uploads)]))).toEqual([
    expect.stringContaining(`${at}: has no meaning beside delete_files`),
  ]);
});

test.each([
  ["thumbnail_url", {}, 'actionable 1 has no "thumbnails": "thumbnail_url" is always null'],
  ["thumbnails", {}, 'actionable 1 has no "thumbnails": "thumbnails" is always empty'],
  ["thumbnail_url", { thumbnails: [small] }, null],
  ["thumbnails", { fields: { photo: {}, logo: { thumbnails: [small] } } }, null],
  ["url", {}, null],
])("%s among the returnables of %j", async (name, uploads, line) => {
  const found = await diagnose(abi([upload({ allowed_mimetypes: ["image/*"], ...uploads })], { returnables: [name] }));
  expect(found).toEqual(line === null ? [] : [expect.stringContaining(`/returnables/0: warning: ${line}`)]);
});

describe("in the plan", () => {
  const types = { allowed_mimetypes: ["image/*"] };
  const stepOf = async (uploads: Members, more: Members = {}, ...others: readonly Members[]) =>
    asUpload((await plan(abi([upload({ ...types, ...uploads }, more), ...others]))).steps[0]);

  test("with what nobody says", async () => {
    const thumbnails = [
      { ...small, quality: 90, background: "#0a141E" },
      { name: "large", max_edge: 1280 },
    ];
    expect((await stepOf({ thumbnails })).thumbnails).toEqual([
      { name: "small", maxEdge: 320, quality: 90, background: [10, 20, 30] },
      { name: "large", maxEdge: 1280, quality: 80, background: [255, 255, 255] },
    ]);
    expect(await stepOf({})).not.toHaveProperty("thumbnails");
  });

  test("a field has its own, else those beside the fields", async () => {
    const own = [{ name: "tiny", max_edge: 16 }];
    const { fields } = await stepOf({ thumbnails: [small], fields: { photo: {}, logo: { thumbnails: own } } });
    expect(fields?.list.map(({ name, thumbnails }) => [name, thumbnails?.map((rule) => rule.name)])).toEqual([
      ["photo", ["small"]],
      ["logo", ["tiny"]],
    ]);
    const plans = [await plan(abi([upload({ ...types, fields: { logo: { thumbnails: own } } })]))];
    expect(featuresOf(plans, false)).toContain("thumbnails");
  });

  test("addresses are made where the answer or a parameter reads them, and there are some", async () => {
    const answering = (name: string) => ({ returnables: [name] });
    const thumbnails = [small];
    expect(await stepOf({ thumbnails }, answering("url"))).not.toHaveProperty("linksThumbnails");
    expect(await stepOf({}, answering("thumbnail_url"))).not.toHaveProperty("linksThumbnails");
    for (const name of ["thumbnail_url", "thumbnails"]) {
      expect(await stepOf({ thumbnails }, answering(name))).toHaveProperty("linksThumbnails", true);
    }
    const insert = query(2, "INSERT INTO albums (id, owner) VALUES ($1, $2)", ["thumbnail_url", "$PROTECTED.id"]);
    expect(await stepOf({ thumbnails }, answering("url"), insert)).toHaveProperty("linksThumbnails", true);
  });
});
