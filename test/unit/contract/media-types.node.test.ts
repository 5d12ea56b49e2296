/** The rows agree with each other. That there is code where a row says so is checked by the types. */
import { expect, test } from "vitest";
import { mediaTypes } from "../../../src/contract/media-types.ts";

const table = [...mediaTypes];

test("an alias is the name of one type, and of none in the table", () => {
  const aliases = table.flatMap(([, { aliases: names = [] }]) => names);
  expect(new Set(aliases).size).toBe(aliases.length);
  expect(aliases.filter((alias) => mediaTypes.has(alias))).toEqual([]);
});

test("names and extensions are in lower case, without blanks, dots and parameters", () => {
  for (const [type, { aliases = [], extensions }] of table) {
    for (const name of [type, ...aliases]) expect(name).toMatch(/^[a-z]+\/[a-z0-9.+-]+$/);
    for (const extension of extensions) expect(extension).toMatch(/^[a-z0-9]{1,8}$/);
  }
});

test("an extension is that of one text type", () => {
  const extensions = table.flatMap(([, known]) => (known.grade === "text" ? known.extensions : []));
  expect(new Set(extensions).size).toBe(extensions.length);
});

test("what a row says of other types is said of types that there are", () => {
  const named = table.flatMap(([, { kindOf, within = [], akin = [] }]) => [
    ...within,
    ...akin,
    ...(kindOf ? [kindOf] : []),
  ]);
  expect(named.filter((name) => !mediaTypes.has(name))).toEqual([]);
});

test("what only the client says is said of something that bytes prove", () => {
  const unproven = table.filter(
    ([, row]) => row.grade === "word" && row.within === undefined && row.kindOf === undefined,
  );
  expect(unproven).toEqual([]);
  const proven = table.filter(
    ([, { grade, magic, entry, stated }]) => grade === undefined && !(magic ?? entry ?? stated),
  );
  expect(proven).toEqual([]);
});

test("no markup is shown inline", () => {
  expect(table.filter(([, known]) => known.grade === "markup" && known.shownInline === true)).toEqual([]);
});
