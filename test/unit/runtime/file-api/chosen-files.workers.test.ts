/** What people choose in a browser, through the file API as its own page sends it. */
import { expect, test } from "vitest";
import { createCaller } from "../../../support/app.ts";
import { useFreshStorage } from "../../../support/database.ts";
import { chosenFiles } from "../../../support/file-kinds.ts";
import { dataOf, UPLOADED, user } from "./support.ts";

useFreshStorage();

test.each(chosenFiles)("$name, declared as $declared, is taken as $type", async ({ name, declared, type, bytes }) => {
  const ann = user("ann", createCaller([], { FILE_API_TYPES: "*/*" }));
  const file = { name: "file", fileName: name, type: declared, body: bytes };
  expect((await dataOf(await ann.upload([file]), UPLOADED)).type).toBe(type);
});
