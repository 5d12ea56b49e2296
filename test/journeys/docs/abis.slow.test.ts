/** The ABIs of every page compile on D1 and on PostgreSQL, with the tables that the page has. */
import { expect, test } from "vitest";
import { pointerLine } from "../../support/pointer-line.ts";
import { compilePage, endpointOf, migrationsOf, type Engine } from "./abis.ts";
import { isFollowed, readPage, readPages, type Block } from "./pages.ts";

const withAbis = readPages().filter(
  (page) => !isFollowed(page) && page.blocks.some((block) => block.language === "json" && endpointOf(block) !== null),
);
const cases = withAbis.flatMap((page) => (["d1", "postgres"] as const).map((engine) => [page.path, engine] as const));

test.each(cases)("those of %s on %s", async (path, engine) => {
  const page = readPage(path);
  const found = await faultsOf(page.blocks.filter(isFor(engine)), engine);
  expect(found).toEqual([]);
});

/** A block may be for one engine: `json d1`, `sql migration d1`. */
const isFor =
  (engine: Engine) =>
  ({ words }: Block): boolean =>
    words.has(engine) || !(words.has("d1") || words.has("postgres"));

async function faultsOf(shown: readonly Block[], engine: Engine): Promise<readonly string[]> {
  const files = shown.filter(({ language }) => language === "json").map(endpointOf);
  const abis = files.filter((file) => file !== null);
  const { diagnostics } = await compilePage(abis, migrationsOf({ blocks: shown }), engine);
  return diagnostics.map(pointerLine);
}
