/** What `npm start` writes into `.dev.vars` is fit to be a secret. */
import { mkdtemp, readFile, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { completeSecrets, type Secrets } from "../../../src/cli/local/secrets.ts";
import { checkSecrets } from "../../../src/runtime/secrets.ts";

let folder = "";
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "sluice-secrets-"));
});
afterAll(() => rm(folder, { recursive: true }));

const plan = { authentication: { keyName: "JWT_SECRET_KEY", algorithm: "HS512" }, environment: [] } as const;
const faultsOf = (secrets: Secrets) => checkSecrets((name, otherwise = "") => secrets[name] ?? otherwise, [plan]);
const mine = "LINK_SECRET=kept-as-it-is-0123456789-abcdefghij\n";

test.each([
  ["no file", null],
  ["an empty one", ""],
  ["one without values", "JWT_SECRET_KEY=\nLINK_SECRET=\n"],
  ["one with a secret in it", mine],
])("%s becomes one with good secrets, and stays so", async (name, text) => {
  const path = join(folder, name);
  if (text !== null) await writeFile(path, text);
  const secrets = await completeSecrets(path);
  expect(Object.keys(secrets)).toEqual(expect.arrayContaining(["JWT_SECRET_KEY", "LINK_SECRET"]));
  expect(faultsOf(secrets)).toEqual([]);
  expect((await stat(path)).mode & 0o777).toBe(0o600);
  expect(await readFile(path, "utf8")).toMatch(new RegExp(`^${text ?? ""}`));
  expect(await completeSecrets(path)).toEqual(secrets);
  if (text === mine) expect(secrets["LINK_SECRET"]).toBe("kept-as-it-is-0123456789-abcdefghij");
});
