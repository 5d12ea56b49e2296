import { expect, test } from "vitest";
import { featuresOf } from "../../../../src/compiler/emit.ts";
import { abi, diagnose, plan, query, upload } from "../support.ts";

const albums = (links: object, more: object = {}) =>
  query(1, "SELECT id, title FROM albums WHERE owner = $1", ["$PROTECTED.id"], { links, ...more });

test("stand in the answer's plan, and can be returned", async () => {
  const compiled = await plan(abi([albums({ download_url: "title" }, { returnables: ["id", "download_url"] })]));
  expect(compiled.answer).toEqual({
    step: 0,
    fields: ["id", "download_url"],
    shape: "auto",
    links: { download_url: "title" },
  });
  expect(featuresOf([compiled], false)).toEqual(["answerLinks"]);
  expect(featuresOf([await plan(abi([query(1, "SELECT id FROM albums")]))], false)).toEqual([]);
});

test("to thumbnails stand there with their names, and need what reads them", async () => {
  const links = { url: "title", preview: { column: "title", thumbnail: "small" } };
  const compiled = await plan(abi([albums(links)]));
  expect(compiled.answer?.links).toEqual(links);
  expect(featuresOf([compiled], false)).toEqual(["answerLinks", "thumbnails", "pictures"]);
});

test.each<[string, object, string]>([
  [
    "a column that is not there",
    abi([albums({ download_url: "titel" })]),
    'links/download_url: the rows have no column "titel"; expected id, title. Did you mean "title"?',
  ],
  [
    "a column of a thumbnail that is not there",
    abi([albums({ preview: { column: "titel", thumbnail: "small" } })]),
    'links/preview: the rows have no column "titel"; expected id, title. Did you mean "title"?',
  ],
  [
    "a thumbnail the wrong way round",
    abi([albums({ title: { column: "preview", thumbnail: "small" } })]),
    'the rows have no column "preview"; write {"preview":{"column":"title","thumbnail":"small"}}',
  ],
  ...[1, null].map((link): [string, object, string] => [
    `a link such as ${JSON.stringify(link)}`,
    abi([albums({ preview: link })]),
    '/links/preview: expected a column, or such as {"column":"storage_key","thumbnail":"small"}',
  ]),
  [
    "a link without its thumbnail",
    abi([albums({ preview: { column: "title" } })]),
    '/links/preview/thumbnail: "thumbnail" is missing; expected a text',
  ],
  [
    "a name that no thumbnail has",
    abi([albums({ preview: { column: "title", thumbnail: "../x" } })]),
    "/links/preview/thumbnail: expected a plain name: at most 32 lower-case letters, digits, - and _",
  ],
  [
    "a property that a link does not have",
    abi([albums({ preview: { column: "title", thumbnail: "s", size: 1 } })]),
    '/links/preview/size: unknown property "size"; expected column, thumbnail',
  ],
  ["a name that is a column's", abi([albums({ title: "title" })]), '"title" is a column of the rows: expected another'],
  ["a prototype's name", abi([albums({ constructor: "title" })]), "/links/constructor: "],
  [
    "a statement without rows",
    abi([query(1, "DELETE FROM albums WHERE id = $1", ["$PROTECTED.id"], { links: { a: "id" } })]),
    'the rows have no column "id"; it returns no rows (RETURNING)',
  ],
  [
    "a result that is not answered",
    abi([albums({ url: "title" }), query(2, "SELECT id FROM albums")]),
    "/actionables/0/links: has no meaning: the result of this actionable is not answered",
  ],
  [
    "an UPLOAD",
    abi([upload({}, { links: { a: "storage_key" } })]),
    '/actionables/0/links: "links" belongs into "uploads"',
  ],
  [
    "a job",
    abi(
      [
        upload(),
        query(2, "INSERT INTO albums (id, owner) VALUES ($1, $2) RETURNING id", ["$GENERATOR.UUID", "$PROTECTED.id"], {
          links: { url: "id" },
        }),
      ],
      { run_in_background: true },
    ),
    "/actionables/1/links: links are answered with the call, and this runs after it",
  ],
])("refuses %s", async (_, source, line) => {
  expect(await diagnose(source as never)).toEqual([expect.stringContaining(line)]);
});
