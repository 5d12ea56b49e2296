/** The builds of a running `sluice dev`, which are made in its process. */
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, expect, test } from "vitest";
import { askBuilder } from "../../../src/cli/local/build/ask-builder.ts";
import { startBuilder, type Builder } from "../../../src/cli/local/build/builder.ts";
import { keepStatements } from "../../../src/cli/local/build/memory.ts";
import { plansPath } from "../../../src/cli/project.ts";
import { root } from "../compiler/support.ts";

const folder = mkdtempSync(join(tmpdir(), "sluice-builder-"));
let builder: Builder;
beforeAll(async () => {
  for (const path of ["abis", "migrations", "wrangler.toml"]) {
    cpSync(join(root, path), join(folder, path), { recursive: true });
  }
  builder = await startBuilder(folder);
}, 60_000);
afterAll(async () => {
  await builder.close();
  rmSync(folder, { recursive: true });
});

const ask = (...args: string[]) => askBuilder(builder.address, { args, environment: undefined });

function change(path: string, from: string, to: string): void {
  const text = readFileSync(join(folder, path), "utf8");
  expect(text).toContain(from);
  writeFileSync(join(folder, path), text.replace(from, to));
}

test("builds, says what changed, and takes a migration that comes later", async () => {
  expect(await ask()).toEqual({
    code: 0,
    lines: [["log", expect.stringMatching(/^6 endpoints compiled for d1: .*plans\.ts/)]],
  });
  change("abis/my-gallery.json", "SELECT gallery.id,", "SELECT gallery.id, later,");
  const refused = await ask();
  expect(refused?.code).toBe(0);
  expect(refused?.lines[0]).toEqual(["error", expect.stringContaining("no such column: later")]);
  expect(readFileSync(join(folder, plansPath), "utf8")).toContain('"file": "abis/my-gallery.json"');
  writeFileSync(join(folder, "migrations/d1/0099_later.sql"), "ALTER TABLE gallery ADD COLUMN later TEXT;");
  expect((await ask())?.lines).toEqual([["log", expect.stringContaining("6 endpoints compiled")]]);
  const plans = readFileSync(join(folder, plansPath), "utf8");
  expect(plans).toContain("later");
  expect(plans).toContain("uncompiled: readonly Uncompiled[] = [];");
}, 60_000);

test("two at once are built one behind the other", async () => {
  const answers = await Promise.all([ask(), ask("--table")]);
  expect(answers.map((answer) => answer?.code)).toEqual([0, 0]);
  expect(answers[1]?.lines[0]?.[1]).toContain("endpoint ");
}, 60_000);

test.each([0, 1, 3])("what a build changed is told to the next, where its asker goes after %i ms", async (delay) => {
  change("abis/upload-avatar.json", "avatar/", "avatar/n/");
  const gone = connect(builder.address);
  gone.write(`${JSON.stringify({ args: [], environment: undefined })}\n`);
  await sleep(delay);
  gone.destroy();
  const lines = (await ask())?.lines.map(([, line]) => line) ?? [];
  expect(lines.filter((line) => line.endsWith(`: ${plansPath} written`))).toHaveLength(1);
});

test("where nobody answers, or the option is wrong, the command builds by itself", async () => {
  expect(await ask("--tabel")).toBeNull();
  expect(await askBuilder(join(folder, "none"), { args: [], environment: undefined })).toBeNull();
});

test("statements are remembered for the same database, migrations and compiler, while an ABI has them", () => {
  const migrations = [{ name: "a.sql", sql: "CREATE TABLE a (id TEXT)" }];
  const empty = { routes: {}, statements: { key: "", known: {} } };
  const first = keepStatements(empty, "D1", migrations);
  const query = { sql: "SELECT 1" } as never;
  expect(first.recall("one")).toBeUndefined();
  first.remember("one", query);
  const memory = { routes: {}, statements: first.kept() };
  expect(keepStatements(memory, "D1", migrations).recall("one")).toBe(query);
  expect(keepStatements(memory, "PostgreSQL", migrations).recall("one")).toBeUndefined();
  expect(keepStatements(memory, "D1", []).recall("one")).toBeUndefined();
  expect(keepStatements(memory, "D1", migrations).kept().known).toEqual({});
});
