/** Mistakes in values and in SQL. */
import { endpoint, query, type Mistake } from "./mistake.ts";

/** The statement with the mark in its text. */
const sql = (marked: string, parameters = '["$PROTECTED.id"]'): string => endpoint([query(marked, parameters)]);

const mine = "SELECT id, url FROM gallery WHERE user_id = $1";

export const valueMistakes: readonly Mistake[] = [
  {
    title: "A claim that is not among those of extract_claims",
    marked: sql(mine, '[▶"$PROTECTED.emial"]'),
    told: '$PROTECTED.emial is not in extract_claims (id, email). Did you mean "email"?',
  },
  {
    title: "A generator of another name",
    marked: sql(mine, '[▶"$GENERATE_UUID"]'),
    told: 'unknown accessor "$GENERATE_UUID"; write $GENERATOR.UUID',
  },
  {
    title: "The moment of another name",
    marked: sql(mine, '[▶"$NOW"]'),
    told: 'unknown accessor "$NOW"; write $DATETIME',
  },
  {
    title: "A placeholder as in a shell",
    marked: sql(mine, '[▶"${user.name}"]'),
    told: '"${user.name}" is no value; write $PAYLOAD.user.name',
  },
  {
    title: "A parameter of an address that has none",
    marked: sql(mine, '[▶"$PARAM.id"]'),
    told: '$PARAM.id: the resource "receipts" has no ":id"; write it into the resource: "receipts/:id"',
  },
  {
    title: "The place of a value in place of the value",
    marked: sql(mine, '[▶"$1"]'),
    told: "$1 is the place of a value in the statement; write the value itself, such as $PAYLOAD.name",
  },
  {
    title: "A payload field named as a claim",
    marked: endpoint([
      query(mine, '[▶"email"]', '"payload_validation": [{ "field": { "email": { "type": "EMAIL" } } }]'),
    ]),
    told: '"email" is bound to the claim, which hides the payload field: write $PROTECTED.email or $PAYLOAD.email',
    severity: "warning",
  },
  {
    title: "A name that nothing provides",
    marked: sql(mine, '[▶"circle_id"]'),
    told: 'nothing provides "circle_id": it is bound from the payload field of that name if sent, else as literal text; write $PAYLOAD.circle_id',
    severity: "warning",
  },
  {
    title: "Question marks for places",
    marked: sql("SELECT id FROM gallery WHERE user_id = ▶? AND id = ?", '["$PROTECTED.id", "$PAYLOAD.id"]'),
    told: "? is no placeholder; expected $1, $2, … in the order of parameters",
  },
  {
    title: "A place in quotes",
    marked: sql("SELECT id FROM gallery WHERE user_id = ▶'$1'"),
    told: "'$1' in quotes is a text; write $1 without them",
  },
  {
    title: "A value in the statement's text",
    marked: sql("SELECT id FROM gallery WHERE user_id = '▶$PROTECTED.id'", "[]"),
    told: 'values are only ever bound: write $1 in place of $PROTECTED.id, and $PROTECTED.id into "parameters"',
  },
  {
    title: "A template in the statement's text",
    marked: sql("SELECT id FROM gallery WHERE user_id = '▶${userId}'", "[]"),
    told: 'values are only ever bound: write $1 in place of ${userId}, and $PAYLOAD.userId into "parameters"',
  },
  {
    title: "More places than values",
    marked: sql("SELECT id FROM gallery WHERE user_id = $1 AND id = ▶$2"),
    told: "$2 has no parameter: the list has 1 parameter",
  },
  {
    title: "More values than places",
    marked: sql(mine, '["$PROTECTED.id", ▶"$PAYLOAD.id"]'),
    told: "the statement never uses $2",
  },
  {
    title: "A word of SQL is misspelt",
    marked: sql("SELECT id FORM ▶gallery WHERE user_id = $1"),
    told: 'cannot be parsed: syntax error at or near "gallery". Did you mean "FROM"?',
  },
  {
    title: "A table that the migrations do not make",
    marked: sql("SELECT id FROM ▶galery WHERE user_id = $1"),
    told: 'SQLite refuses this: no such table: galery. Did you mean "gallery"?',
  },
  {
    title: "A column that the table has not, in a text with quotes and line breaks; what reads its rows is not told of",
    marked: endpoint([
      query(
        'SELECT id AS "the id",\n  g.▶colour\nFROM gallery g WHERE user_id = $1'.replace("g.▶colour", "▶g.colour"),
        '["$PROTECTED.id"]',
        "",
        1,
      ),
      query(
        "SELECT url FROM gallery WHERE id = $1",
        '["circle_id"]',
        '"depends_on": [\n    { "resource_id": "self", "action_ids": [1], "extract_response_for": [{ "extract": "circle", "for": "circle_id" }] }\n  ]',
      ),
    ]),
    told: "SQLite refuses this: no such column: g.colour",
  },
  {
    title: "What an INSERT is to answer is no column of its table",
    marked: endpoint([
      query("INSERT INTO gallery (id, user_id) VALUES ($1, $2)", '["$GENERATOR.KSUID", "$PROTECTED.id"]').replace(
        /\n}$/,
        ',\n  "returnables": ["id", ▶"colour"]\n}',
      ),
    ]),
    told: 'actionable 2 never returns "colour"; expected id, user_id, storage_key, url, dominant_color, file_size, created_at, updated_at',
  },
  {
    title: "A function that D1 lacks",
    marked: endpoint([query("SELECT gen_random_uuid() AS id")]).replace('"SELECT gen', '▶"SELECT gen'),
    told: "needs PostgreSQL, D1's SQLite has no equal for the function gen_random_uuid(): bind $GENERATOR.UUID",
  },
  {
    title: "Two statements",
    marked: sql(`${mine}; SELECT 1`).replace('"SELECT', '▶"SELECT'),
    told: "expected one SQL statement, found 2",
  },
  {
    title: "A table is made in an ABI",
    marked: endpoint([query("CREATE TABLE x (id text)")]).replace('"CREATE', '▶"CREATE'),
    told: "expected SELECT, INSERT, UPDATE or DELETE: CREATE statements do not belong into an ABI",
  },
  {
    title: "A row of the runtime's is deleted",
    marked: sql("DELETE FROM ▶files WHERE storage_key = $1"),
    told: 'changes the table files, which is the runtime\'s own: expected an UPLOAD to store files, "delete_files": true or the file API to delete them, and a table of your own for what else you know of them',
  },
];
