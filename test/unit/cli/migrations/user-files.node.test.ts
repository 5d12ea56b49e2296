/** Where a project keeps its migrations, for whom the command and the compiler read the same. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { hasOneDatabase, readMigrations, readUserMigrations } from "../../../../src/cli/project.ts";

let project = "";
beforeEach(() => {
  project = mkdtempSync(join(tmpdir(), "sluice-project-"));
});
afterEach(() => rmSync(project, { recursive: true }));

function write(path: string, sql = "SELECT 1;"): void {
  mkdirSync(join(project, path, ".."), { recursive: true });
  writeFileSync(join(project, path), sql);
}

const namesOf = (kind: "d1" | "postgres") => readUserMigrations(project, kind).map(({ name }) => name);

test("nowhere: only the runtime's are applied", () => {
  expect([namesOf("d1"), namesOf("postgres"), hasOneDatabase(project)]).toEqual([[], [], false]);
  expect(readMigrations(project, "d1").length).toBeGreaterThan(1);
});

test("in migrations/, for whichever database is chosen", () => {
  for (const name of ["0002_b.sql", "0001_a.sql", "notes.md"]) write(`migrations/${name}`);
  expect(namesOf("d1")).toEqual(["migrations/0001_a.sql", "migrations/0002_b.sql"]);
  expect([namesOf("postgres"), hasOneDatabase(project)]).toEqual([namesOf("d1"), true]);
});

test("in a folder for each kind of database; one of them may be missing", () => {
  write("migrations/d1/0001_a.sql");
  expect([namesOf("d1"), namesOf("postgres"), hasOneDatabase(project)]).toEqual([
    ["migrations/d1/0001_a.sql"],
    [],
    false,
  ]);
});

test("not in both", () => {
  write("migrations/d1/0001_a.sql");
  write("migrations/0002_b.sql");
  expect(() => namesOf("d1")).toThrow(
    "migrations/0002_b.sql: lies beside the folder migrations/d1, which has the files of one kind of database: expected it in there",
  );
});

test("line ends do not count", () => {
  write("migrations/0001_a.sql", "SELECT 1;\r\nSELECT 2;\r\n");
  expect(readUserMigrations(project, "d1")[0]?.sql).toBe("SELECT 1;\nSELECT 2;\n");
});
