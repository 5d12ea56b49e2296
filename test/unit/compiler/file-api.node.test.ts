/** `file_api`: which endpoints' files the file API manages, and where the word has no meaning. */
import { expect, test } from "vitest";
import { pointerLine } from "../../support/pointer-line.ts";
import { abi, asUpload, compile, plan, upload } from "./support.ts";

test.each([
  [{}, false],
  [{ file_api: false }, false],
  [{ file_api: true }, true],
])("uploads %j", async (uploads, isManaged) => {
  expect(asUpload((await plan(abi([upload(uploads)]))).steps[0]).fileApi).toBe(isManaged);
});

const open = { tokenize: undefined, protected: undefined };
const nameless = { protected: { provide_as: "x", extract_claims: ["email"] } };
const ofOwners = "the file API manages files for their owner";
const deletion = { id: 1, mode: "UPLOAD", uploads: { delete_files: true, file_api: true } };

test.each([
  ["beside delete_files", abi([deletion]), "has no meaning beside delete_files"],
  ["for nobody's files", abi([upload({ file_api: true })], open), `${ofOwners}; expected "tokenize" and "protected"`],
  [
    "for files of callers without a name",
    abi([upload({ file_api: true })], nameless),
    `${ofOwners}; expected "id" or "sub" in extract_claims`,
  ],
])("%s it is a fault", async (_title, source, fault) => {
  const { diagnostics } = await compile([source]);
  expect(diagnostics.map(pointerLine)).toContain(`a.json/actionables/0/uploads/file_api: ${fault}`);
});

test("its addresses are taken, whether it is on or off", async () => {
  const { diagnostics } = await compile([abi([upload()], { resource: "v1/upload" })]);
  expect(diagnostics.map(pointerLine)).toEqual(['a.json/resource: "v1/upload" is a route of the runtime itself']);
});
