/** Statements that change rows and have no RETURNING get what their answer names. */
import { expect, test } from "vitest";
import { abi, asQuery, diagnose, plan, query } from "../../support.ts";

const insert = "INSERT INTO albums (id, owner) VALUES ($1, $2)";
const values = ["$GENERATOR.KSUID", "$PROTECTED.id"];
const sqlOf = async (source: object) => asQuery((await plan(source as Record<string, unknown>)).steps[0]).sql;

test.each<[string, object, string]>([
  ["an INSERT", query(1, insert, values, { returnables: ["id", "title"] }), "RETURNING id, title"],
  ["an UPDATE", query(1, "UPDATE albums SET title = $1", ["x"], { returnables: ["title"] }), "RETURNING title"],
  ["a DELETE", query(1, "DELETE FROM albums WHERE id = $1", ["x"], { returnables: ["id"] }), "RETURNING id"],
  [
    "links, whose column the row has to have",
    query(1, insert, values, { returnables: ["id", "link"], links: { link: "cover" } }),
    "RETURNING id, cover",
  ],
  ["one of its own, which stays", query(1, `${insert} RETURNING id`, values, { returnables: ["id"] }), "RETURNING id"],
])("%s", async (_, actionable, end) => {
  expect(await sqlOf(abi([actionable as Record<string, unknown>]))).toMatch(new RegExp(`[^G] ${end}$`));
});

test("the endpoint's list counts for the one that answers, and for no other", async () => {
  const [one, other] = [query(1, insert, values), query(2, insert, values)];
  const { steps } = await plan(abi([one, other], { returnables: ["id"] }));
  expect(steps.map((step) => asQuery(step).sql)).toEqual([
    "INSERT INTO albums (id, owner) VALUES (?1, ?2)",
    "INSERT INTO albums (id, owner) VALUES (?1, ?2) RETURNING id",
  ]);
});

test("a token is issued of columns that nothing else names", async () => {
  const tokenize = {
    type: "JWT",
    algorithm: "HS256",
    encryption_key: "$ENV.JWT_SECRET_KEY",
    expiration: 60,
    custom_claim_fields: ["id"],
  };
  const issuing = {
    id: "a",
    resource: "a",
    tokenize,
    actionables: [query(1, insert, ["$GENERATOR.KSUID", "$PAYLOAD.owner"])],
    returnables: ["token"],
  };
  expect(await sqlOf(issuing)).toContain("RETURNING id");
});

test.each<[string, object, string]>([
  [
    "what is no column, with all that there are",
    query(1, insert, values, { returnables: ["id", "titel"] }),
    'actionables/0/returnables/1: actionable 1 never returns "titel"; expected id, owner, title, settings, shared, opened_at, photos, rating, cover. Did you mean "title"?',
  ],
  [
    "another spelling",
    query(1, insert, values, { returnables: ["ID"] }),
    '"ID"; expected id, owner, title, settings, shared, opened_at, photos, rating, cover. Did you mean "id"?',
  ],
  ["a star", query(1, insert, values, { returnables: ["*"] }), '"*" is no field'],
  [
    "what the author's own RETURNING leaves out",
    query(1, `${insert} RETURNING id`, values, { returnables: ["title"] }),
    'never returns "title"; expected id',
  ],
])("refuses %s", async (_, actionable, line) => {
  const lines = await diagnose(abi([actionable as Record<string, unknown>]));
  expect(lines).toEqual([expect.stringContaining(line)]);
});
