import { describe, expect, test } from "vitest";
import { abi, diagnose, query, upload } from "./support.ts";

const select = "SELECT id FROM albums WHERE owner = $1";

describe("warnings", () => {
  test.each([
    [
      "name",
      "title",
      'nothing provides "title": it is bound from the payload field of that name if sent, else as literal text; write $PAYLOAD.title',
    ],
    ["misspelt name", "emial", 'Did you mean "email"?'],
    ["text", "some words", '"some words" is bound as literal text'],
    ["empty", "", '"" is bound as literal text'],
    ["dotted", "example.com", '"example.com" is bound as literal text'],
  ])("%s", async (_name, value, message) => {
    const [line, ...rest] = await diagnose(abi([query(1, select, [value])]));
    expect(rest).toEqual([]);
    expect(line).toContain("a.json/actionables/0/sql_query/parameters/0: warning: ");
    expect(line).toContain(message);
  });

  test("a claim that hides a payload field", async () => {
    const sql = "SELECT id FROM albums WHERE owner = $1 AND title = $2";
    const [line] = await diagnose(abi([query(1, sql, ["email", "$PAYLOAD.email"])]));
    expect(line).toContain('a.json/actionables/0/sql_query/parameters/0: warning: "email" is bound to the claim');
  });

  test("LIKE", async () => {
    const [line] = await diagnose(abi([query(1, "SELECT id FROM albums WHERE title LIKE $1", ["$PAYLOAD.q"])]));
    expect(line).toContain("a.json/actionables/0/sql_query/query: warning: on D1, LIKE takes a and A");
  });
});

test("a type that no byte shows has to be listed beside what its bytes do show", async () => {
  const types = { allowed_mimetypes: ["application/sql", "application/vnd.apple.pages", "application/*"] };
  expect(await diagnose(abi([upload(types)]))).toEqual([
    "a.json/actionables/0/uploads/allowed_mimetypes: warning: nothing takes application/sql here: its bytes only show text/plain, which has to be listed as well",
  ]);
});
