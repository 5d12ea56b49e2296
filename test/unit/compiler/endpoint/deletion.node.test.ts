/** `delete_files` by a QUERY's column or the payload's field: what is refused, and what the plan says. */
import { expect, test } from "vitest";
import { featuresOf } from "../../../../src/compiler/emit.ts";
import { abi, asQuery, diagnose, plan, query, upload } from "../support.ts";

const own =
  "DELETE FROM albums WHERE owner = $1 RETURNING id, title, photos, settings, shared, cover, opened_at, rating";
const dropping = (more: object = {}) => query(1, own, ["$PROTECTED.id"], { ...more });
const removal = (keys: unknown, more: object = {}, id = 2) => ({
  id,
  mode: "UPLOAD",
  uploads: { delete_files: keys, ...more },
});

test.each<[string, readonly Record<string, unknown>[], string]>([
  [
    "an unknown column",
    [dropping(), removal("titel")],
    '/actionables/1/uploads/delete_files: "titel" is no column of an earlier QUERY and no field of the payload; expected id, title, photos, settings, shared, cover, opened_at, rating, "$PAYLOAD.field", or true for a body that is a list of keys. Did you mean "title"?',
  ],
  [
    "no QUERY at all",
    [removal("storage_key", {}, 1)],
    '/actionables/0/uploads/delete_files: "storage_key" is no column of an earlier QUERY and no field of the payload; no QUERY before this one returns rows, "$PAYLOAD.field", or true for a body that is a list of keys',
  ],
  [
    "a QUERY that runs later",
    [removal("title", {}, 2), dropping()],
    '/actionables/0/uploads/delete_files: "title" is a column of actionable 1, which runs later: list it before this one',
  ],
  [
    "numbers",
    [dropping(), removal("photos")],
    '/actionables/1/uploads/delete_files: "photos" is a number; expected a column of text, which holds storage keys',
  ],
  [
    "JSON",
    [dropping(), removal("settings")],
    '"settings" is JSON; expected a column of text, which holds storage keys',
  ],
  ["booleans", [dropping(), removal("shared")], '"shared" is a boolean; expected a column of text'],
  ["moments", [dropping(), removal("opened_at")], '"opened_at" is a moment; expected a column of text'],
  ["binary", [dropping(), removal("cover")], '"cover" is binary; expected a column of text'],
  [
    "a path into a column",
    [dropping(), removal("settings.key")],
    '"settings.key" is not a column: expected the one of a QUERY whose rows name the files',
  ],
  [
    "what the call uploads",
    [upload(), removal("storage_key")],
    '"storage_key" is of the files that this call stores; expected a column of a QUERY, which can have another name: RETURNING storage_key AS old_key',
  ],
  [
    "the rows of an INSERT",
    [query(1, "INSERT INTO albums (id, owner) VALUES ($1, 'x') RETURNING id", ["$PAYLOAD.id"]), removal("id")],
    '"id" is what an INSERT has just written; expected a column of a SELECT, UPDATE or DELETE',
  ],
  [
    "what an UPDATE writes",
    [
      query(1, "UPDATE albums SET title = $1 WHERE owner = $2 RETURNING *", ["$PAYLOAD.title", "$PROTECTED.id"]),
      removal("title"),
    ],
    '"title" is what the UPDATE writes, not what was there; expected a column that it leaves, or a SELECT before it',
  ],
  [
    "what an UPDATE writes, under another name",
    [
      query(1, "UPDATE albums SET title = $1 WHERE id = 'a' RETURNING lower(title) AS key", ["$PAYLOAD.title"]),
      removal("key"),
    ],
    '"key" is what the UPDATE writes, not what was there',
  ],
  [
    "a statement that runs once per element",
    [query(1, "DELETE FROM albums WHERE id = $1 RETURNING title", ["$PAYLOAD.id"], { multi: true }), removal("title")],
    "/actionables/1/uploads/delete_files: actionable 1 runs once per element: expected a statement without multi, whose rows name all the files",
  ],
  [
    "documents",
    [
      {
        id: 1,
        mode: "QUERY",
        mongo_query: { collection: "a", action: "DELETE", filter: { id: "x" } },
        returnables: ["key"],
      },
      removal("key"),
    ],
    "/actionables/1/uploads/delete_files: actionable 1 is no sql_query: its documents and files cannot go in one statement",
  ],
  [
    "the same rows twice",
    [dropping(), removal("title"), removal("id", {}, 3)],
    "/actionables/2/uploads/delete_files: another delete_files has the rows of actionable 1 already; expected one",
  ],
  [
    "the whole payload by its accessor",
    [removal("$PAYLOAD", {}, 1)],
    'expected true where the body itself is the list, or "$PAYLOAD.field"',
  ],
  [
    "a claim",
    [removal("$PROTECTED.email", {}, 1)],
    '"$PROTECTED.email" is no column of an earlier QUERY and no field of the payload',
  ],
  [
    "another type of value",
    [removal(["storage_key"], {}, 1)],
    '/uploads/delete_files: expected true, or where the keys are: a column of an earlier QUERY, or "$PAYLOAD.field"',
  ],
  [
    "limits",
    [dropping(), removal("title", { max_file_uploads: 2 })],
    "/uploads/max_file_uploads: has no meaning beside delete_files",
  ],
  [
    "a body that is a list beside an upload",
    [upload(), removal(true)],
    '/actionables/1/mode: the request body can be read once: expected one UPLOAD (or one delete_files) in an ABI; beside an UPLOAD write "delete_files": "$PAYLOAD.field"',
  ],
  [
    "a later step that reads the outcome",
    [
      dropping(),
      removal("title"),
      {
        ...query(3, "INSERT INTO albums (id, owner) VALUES ($1, 'x')", ["outcome"]),
        depends_on: [
          { resource_id: "self", action_ids: [2], extract_response_for: [{ extract: "status", for: "outcome" }] },
        ],
      },
    ],
    'the source never returns "status"; it returns no fields',
  ],
  [
    "a deletion behind the answer, of rows before it",
    [dropping(), { ...removal("title"), run_in_background: true }],
    "/actionables/1/run_in_background: actionable 1, whose rows name the files, runs before the answer, and they go with its statement",
  ],
  [
    "a statement that reads the clock, on D1",
    [query(1, "DELETE FROM albums WHERE opened_at < now() RETURNING title"), removal("title")],
    "/actionables/1/uploads/delete_files: needs PostgreSQL: on D1 the moment that the statement reads is another for its files; expected $DATETIME, bound",
  ],
  [
    "more values than D1 binds, with those of the files",
    [
      query(
        1,
        `DELETE FROM albums WHERE id IN (${Array.from({ length: 97 }, (_, index) => `$${String(index + 1)}`).join()}) RETURNING title`,
        Array.from({ length: 97 }, () => "$PAYLOAD.id"),
      ),
      removal("title"),
    ],
    "needs PostgreSQL: D1 binds at most 100 parameters, this statement has 101",
  ],
  [
    "a DELETE that reads files, on D1",
    [
      query(
        1,
        "DELETE FROM albums WHERE title IN (SELECT storage_key FROM files WHERE status = 'stored') RETURNING title",
      ),
      removal("title"),
    ],
    "needs PostgreSQL: the statement reads files, which D1 has changed by then; expected a SELECT before it",
  ],
])("refuses %s", async (_, actionables, line) => {
  const lines = await diagnose(abi(actionables));
  expect(lines.filter((text) => !text.includes("warning"))).toEqual([expect.stringContaining(line)]);
});

test("nobody's call deletes, whoever the files belong to; a schedule may", async () => {
  const open = { tokenize: undefined, protected: undefined };
  const steps = [query(1, "DELETE FROM albums WHERE opened_at < $1 RETURNING title", ["$DATETIME"]), removal("title")];
  expect(await diagnose(abi(steps, open))).toEqual([
    expect.stringContaining(
      '/uploads/delete_files: anybody could delete files here; expected "tokenize" and "protected", or cron_job',
    ),
  ]);
  expect(await diagnose(abi(steps, { ...open, cron_job: { execution_interval: "0 0 3 * * *" } }))).toEqual([]);
  expect(await diagnose(abi([removal("$PAYLOAD.keys", {}, 1)], open))).toEqual([
    expect.stringContaining('only the owner of files may delete them; expected "tokenize" and "protected"'),
  ]);
});

test("on D1 a SELECT before the DELETE knows the same rows, with placeholders of its own", async () => {
  const found = await plan(
    abi([
      query(1, "DELETE FROM albums AS a WHERE a.id = $2 AND owner = $1 RETURNING rating, title AS key", [
        "$PROTECTED.id",
        "$PAYLOAD.id",
      ]),
      removal("key"),
    ]),
  );
  expect(found.atomic).toBe(true);
  expect(asQuery(found.steps[0])).toMatchObject({
    send: "commit",
    deletes: {
      step: 1,
      column: "key",
      maxKeys: 1000,
      rows: {
        sql: "WITH sluice_rows AS (SELECT rating, title AS key FROM albums AS a WHERE a.id = ?2 AND owner = ?1)",
        parameters: [0, 1],
        when: "before",
      },
    },
  });
  expect(featuresOf([found], false)).toEqual(["deletingNamed"]);
});

test("a soft DELETE names files, and the SELECT waits for the commit", async () => {
  const soft = await plan(
    abi([
      {
        id: 1,
        mode: "QUERY",
        sql_query: {
          query: "DELETE FROM gallery WHERE user_id = $1 RETURNING storage_key",
          parameters: ["$PROTECTED.id"],
        },
      },
      removal("storage_key"),
    ]),
  );
  expect(asQuery(soft.steps[0]).deletes?.rows?.parameters).toEqual([0]);
  const read = await plan(
    abi([query(1, "SELECT title FROM albums WHERE owner = $1", ["$PROTECTED.id"]), removal("title")]),
  );
  expect(asQuery(read.steps[0])).toMatchObject({ send: "commit", writes: true, deletes: { rows: { when: "after" } } });
});

test("placeholders of the SELECT are counted anew", async () => {
  const found = await plan(
    abi([
      query(1, "UPDATE albums SET rating = $1 WHERE id = $2 RETURNING title", ["$PAYLOAD.rating", "$PAYLOAD.id"]),
      removal("title"),
    ]),
  );
  expect(asQuery(found.steps[0]).deletes?.rows).toEqual({
    sql: "WITH sluice_rows AS (SELECT title FROM albums WHERE id = ?1)",
    parameters: [1],
    when: "before",
  });
});
