/** combine_returned_results_from: what is answered of which actionable, and what is refused. */
import { expect, test } from "vitest";
import { abi, asUpload, diagnose, plan, query, upload } from "../support.ts";

type Members = Record<string, unknown>;
const read = (id: number, more: Members = {}) =>
  query(id, "SELECT id, title FROM albums WHERE owner = $1", ["$PROTECTED.id"], more);
const combine = (ids: readonly number[], more: Members = {}) => ({ combine_returned_results_from: ids, ...more });

test("each is answered as it would be alone", async () => {
  const actionables = [
    read(1, { returnables: ["title"] }),
    read(2, { data_shape: "list" }),
    query(3, "INSERT INTO albums (id, owner) VALUES ($1, $2)", ["$GENERATOR.KSUID", "$PROTECTED.id"]),
  ];
  const { answer, steps } = await plan(abi(actionables, combine([3, 1], { returnables: ["id"] })));
  const first = { step: 0, fields: ["title"], shape: "auto" };
  const third = { step: 2, fields: ["id"], shape: "auto" };
  expect(answer).toEqual({
    ...third,
    combined: [
      { ...third, id: 3 },
      { ...first, id: 1 },
    ],
  });
  expect(steps[2]).toMatchObject({ sql: "INSERT INTO albums (id, owner) VALUES (?1, ?2) RETURNING id" });
});

test("of pictures only what is answered is computed", async () => {
  const files = upload({}, { returnables: ["width"] });
  const { steps } = await plan(abi([files, read(2), read(3)], combine([1, 3])));
  expect(asUpload(steps[0]).imageFields).toEqual(["width"]);
});

const both = [read(1), read(2)];
const one = "a.json/combine_returned_results_from";
test.each<[string, Members, string]>([
  [
    "an id that is none's",
    abi(both, combine([1, 3])),
    `${one}/1: there is no actionable 3 in this file; expected some of 1, 2`,
  ],
  ["an id twice", abi(both, combine([1, 2, 1])), `${one}/2: 1 is listed twice`],
  ["none", abi(both, combine([])), `${one}: must not be empty`],
  ["what is no id", abi(both, { combine_returned_results_from: ["1"] }), `${one}/0: expected a whole number`],
  [
    "a no_op",
    abi(
      [read(1, { no_op: true }), read(2, { depends_on: [{ resource_id: "self", action_ids: [1] }] })],
      combine([1, 2]),
    ),
    `${one}/0: a no_op only feeds other actionables: it cannot answer`,
  ],
  [
    "one that answers all by itself",
    abi([read(1, { main_returnable: true }), read(2)], combine([1, 2])),
    "a.json/actionables/0/main_returnable: has no meaning beside combine_returned_results_from",
  ],
  [
    "a field that one of them lacks",
    abi([read(1), query(2, "SELECT id FROM albums")], combine([1, 2], { returnables: ["title"] })),
    'a.json/returnables/0: actionable 2 never returns "title"; expected id',
  ],
  [
    "links of one that is left out",
    abi([read(1, { links: { link: "title" } }), read(2)], combine([2])),
    "a.json/actionables/0/links: has no meaning: the result of this actionable is not answered",
  ],
  [
    "what runs after the answer",
    abi([read(1), query(2, "UPDATE albums SET title = $1", ["x"], { run_in_background: true })], combine([1, 2])),
    `${one}/1: this actionable runs after the answer, and what is combined is answered with the call`,
  ],
  [
    "a list on an actionable",
    abi([read(1, combine([1])), read(2)]),
    'a.json/actionables/0/combine_returned_results_from: "combine_returned_results_from" belongs to the top of the file',
  ],
  [
    "a token of a row that is left out",
    abi([read(1), read(2, { returnables: ["id", "token"] })], {
      ...combine([1]),
      tokenize: {
        type: "JWT",
        algorithm: "HS256",
        encryption_key: "$ENV.JWT_SECRET_KEY",
        expiration: 60,
        custom_claim_fields: ["id"],
      },
    }),
    `${one}: leaves out actionable 2, from whose row the token is issued`,
  ],
  [
    "nothing to combine",
    abi([], { ...combine([1]), invalidate_tokenize: {} }),
    `${one}: there is no actionable whose fields could be answered`,
  ],
])("refuses %s", async (_, source, line) => {
  const faults = (await diagnose(source)).filter((told) => !told.includes(": warning: "));
  expect(faults).toEqual([expect.stringContaining(line)]);
});

test("refuses an actionable of another endpoint, which answers nothing here", async () => {
  const needs = { depends_on: [{ resource_id: "other", action_ids: [9] }] };
  const other = abi([read(9)], { id: "other", resource: "other" });
  expect(await diagnose(abi([read(1, needs)], combine([1, 9])), other)).toEqual([
    `${one}/1: there is no actionable 9 in this file; expected some of 1`,
  ]);
});
