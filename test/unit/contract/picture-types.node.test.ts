import { expect, test } from "vitest";
import * as promised from "../../../src/contract/picture-types.ts";
import { strippableTypes } from "../../../src/runtime/image/strip/strip.ts";
import { checkableTypes } from "../../../src/runtime/image/structure/tap.ts";

test("the compiler promises what the Worker keeps", () => {
  expect(promised.strippableTypes).toEqual(strippableTypes);
  expect(promised.checkableTypes).toEqual(checkableTypes);
});
