/** Which files of a project are ABIs. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterEach, expect, test } from "vitest";
import { readAbis } from "../../../src/cli/project.ts";

const root = mkdtempSync(join(tmpdir(), "sluice-abis-"));
afterEach(() => rmSync(root, { recursive: true }));

test("folders below abis/ are read, drafts, hidden files and the schema are not", () => {
  expect(readAbis(root)).toEqual([]);
  const paths = [
    "b.json",
    "gallery/upload.json",
    "gallery/deep/er/x.jsonc",
    "schema.json",
    "_x.json",
    "_drafts/y.json",
    "gallery/_z/y.json",
    ".#b.json",
    "notes.txt",
    "a_b.json",
  ];
  for (const path of paths) {
    mkdirSync(dirname(join(root, "abis", path)), { recursive: true });
    writeFileSync(join(root, "abis", path), path);
  }
  expect(readAbis(root)).toEqual(
    ["a_b.json", "b.json", "gallery/deep/er/x.jsonc", "gallery/upload.json"].map((path) => ({
      name: `abis/${path}`,
      text: path,
    })),
  );
});
