/** All planted mistakes by theme, and how they are compiled: on D1, with the tables of this repository. */
import { compileAbis, type Compilation } from "../../../src/compiler/compile.ts";
import { openTarget } from "../../../src/compiler/sql/open-target.ts";
import { sqliteTarget } from "../../../src/compiler/sql/sqlite/target.ts";
import { readMigrations } from "../../../src/cli/project.ts";
import { languageMistakes } from "./language.ts";
import type { Mistake } from "./mistake.ts";
import { uploadMistakes } from "./uploads.ts";
import { valueMistakes } from "./values.ts";

export const mistakes: Readonly<Record<string, readonly Mistake[]>> = {
  "The file and its endpoint": languageMistakes,
  "Values and statements": valueMistakes,
  "Files, links and rules": uploadMistakes,
};

export const mistakenFile = "abis/receipts.json";

const root = new URL("../../..", import.meta.url).pathname;
const database = openTarget(sqliteTarget, readMigrations(root));
const declared = [{ environment: null, names: new Set(["JWT_SECRET_KEY", "LINK_SECRET"]) }];

export const compileMistake = (text: string): Promise<Compilation> =>
  compileAbis([{ name: mistakenFile, text }], { database, declared });
