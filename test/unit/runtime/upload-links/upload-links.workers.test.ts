import { env } from "cloudflare:workers";
import { beforeEach, expect, test } from "vitest";
import { useFreshStorage } from "../../../support/database.ts";
import { watchDatabase, type Watch } from "../../../support/watched-bindings.ts";
import { createLinks, onD1, startAnew, text } from "./harness.ts";
import { describePieces } from "./pieces.ts";
import { describeTerms } from "./terms.ts";
import { describeUses } from "./uses.ts";

useFreshStorage();

describeTerms(onD1);
describeUses(onD1);
describePieces(onD1);

beforeEach(() => startAnew(onD1));

test.each(["/things", "/rows", "/quota"])(
  "an upload to %s by link asks the database no more often than one by token",
  async (path) => {
    let asked = 0;
    const watch: Watch = (_, make) => {
      asked++;
      return make();
    };
    const { issue, post, headersOf, callWith } = createLinks(onD1);
    const { url } = await issue(path);
    const watched = callWith({ DB: watchDatabase(env.DB, watch) });
    const count = async (address: string, headers: Readonly<Record<string, string>>) => {
      asked = 0;
      expect((await post(address, [text()], headers, watched)).status).toBe(200);
      return asked;
    };
    const byToken = await count(path, await headersOf("ann"));
    expect(await count(url, {})).toBe(byToken);
  },
);
