/** `$ENV` names that no one declares: told when the ABI is compiled, not to its first caller. */
import { describe, expect, test } from "vitest";
import { pointerLine } from "../../../support/pointer-line.ts";
import type { DeclaredNames } from "../../../../src/compiler/values/declared-names.ts";
import { abi, compile, query, upload } from "../support.ts";

const named = (environment: string | null, ...names: string[]): DeclaredNames => ({
  environment,
  names: new Set(names),
});
const top = named(null, "REGION", "JWT_SECRET_KEY");

async function faultsOf(declared: readonly DeclaredNames[], ...abis: Parameters<typeof compile>[0]): Promise<string[]> {
  return (await compile(abis, { declared })).diagnostics.map(pointerLine);
}

const select = "SELECT id FROM albums WHERE title = $1";

test("a declared variable and a declared secret", async () => {
  expect(await faultsOf([top], abi([query(1, select, ["$ENV.REGION-x"])]))).toEqual([]);
});

describe("wherever the name stands", () => {
  const fault =
    '$ENV.REGIN is neither under vars nor under secrets.required of the Wrangler configuration; expected one of JWT_SECRET_KEY, REGION. Did you mean "REGION"?';
  const mongo = (members: object) => ({
    id: 1,
    mode: "QUERY",
    mongo_query: { collection: "c", action: "FIND", ...members },
  });

  test.each<[string, Record<string, unknown>, string]>([
    ["a parameter", abi([query(1, select, ["x-$ENV.REGIN"])]), "/actionables/0/sql_query/parameters/0"],
    ["a folder", abi([upload({ upload_folder: "/a/$ENV.REGIN" })]), "/actionables/0/uploads/upload_folder"],
    ["a filter", abi([mongo({ filter: { a: "$ENV.REGIN" } })]), "/actionables/0/mongo_query/filter/a"],
    [
      "the token's key",
      abi([query(1, "SELECT 1 AS one")], {
        tokenize: { type: "JWT", algorithm: "HS256", encryption_key: "$ENV.REGIN" },
      }),
      "/tokenize/encryption_key",
    ],
  ])("%s", async (_, source, place) => {
    expect((await faultsOf([top], source)).filter((line) => !line.includes("warning"))).toEqual([
      `a.json${place}: ${fault}`,
    ]);
  });
});

describe("environments", () => {
  const source = abi([query(1, select, ["$ENV.REGION"])]);

  test("each of them, where nobody says which is built", async () => {
    expect(await faultsOf([top, named("live", "JWT_SECRET_KEY")], source)).toEqual([
      "a.json/actionables/0/sql_query/parameters/0: $ENV.REGION is neither under vars nor under secrets.required of env.live, which inherits none; expected one of JWT_SECRET_KEY",
    ]);
    expect(await faultsOf([top, named("live", "JWT_SECRET_KEY", "REGION")], source)).toEqual([]);
  });

  test("that declare nothing", async () => {
    expect(await faultsOf([named(null)], abi([query(1, "SELECT 1 AS one")]))).toEqual([
      "a.json/tokenize/encryption_key: $ENV.JWT_SECRET_KEY is neither under vars nor under secrets.required of the Wrangler configuration",
    ]);
  });
});
