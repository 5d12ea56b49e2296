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

test("a type is within types that have a signature, and what is only refined is within one", () => {
  const broken = table.filter(
    ([, { grade, within }]) =>
      (grade === "refined" && within === undefined) ||
      (within ?? []).some((name) => !mediaTypes.has(name) || mediaTypes.get(name)?.grade !== undefined),
  );
  expect(broken).toEqual([]);
});

test("no markup is shown inline", () => {
  expect(table.filter(([, known]) => known.grade === "markup" && known.shownInline === true)).toEqual([]);
});
