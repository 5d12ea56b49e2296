/** What `node tools/regexps.ts` judges, and what it says. */
import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "sluice-regexps-"));
});
afterEach(() => rmSync(folder, { recursive: true }));

function judge(text: string) {
  writeFileSync(join(folder, "planted.ts"), text);
  return spawnSync(process.execPath, ["tools/regexps.ts", folder], { encoding: "utf8" });
}

const planted: readonly (readonly [code: string, fault: string])[] = [
  ["const a = /^(a+)+$/;", "exponential on 'a'"],
  ["const b = /b+$/u;", "2nd degree polynomial on 'b'"],
  ['const c = new RegExp("^(c|c)*$", "i");', "exponential on "],
  ["const d = (text: string) => text.replace(/(d*)*y/g, () => text);", "exponential on 'd'"],
  ["const e = (text: string) => RegExp(`^${text}`);", "is built at run time: write it as a literal"],
  ["const f = new RegExp(/a/.source + /b/.source);", "is built at run time: write it as a literal"],
];

test("each pattern that is not linear is a fault, with its line", () => {
  const code = planted.map(([line]) => line).join("\n");
  const { status, stderr, stdout } = judge(`// no pattern: /(a+)+$/\nconst text = "/(a+)+$/";\n${code}\n`);
  const faults = stderr.trim().split("\n");
  expect(faults).toHaveLength(planted.length);
  for (const [index, [, fault]] of planted.entries()) {
    expect(faults[index]).toContain(`planted.ts:${index + 3}: ${fault}`);
  }
  expect(stdout).toBe("");
  expect(status).toBe(1);
});

test("what takes linear time passes", () => {
  const { status, stderr, stdout } = judge('export const patterns = [/^a+$/, /<[^<>]*>/g, new RegExp("b"), 1 / 2];\n');
  expect(stderr).toBe("");
  expect(stdout).toBe("3 regular expressions, each linear\n");
  expect(status).toBe(0);
});

test("what is no TypeScript is told", () => {
  const { status, stderr } = judge("const = /a/;");
  expect(stderr).toContain("planted.ts");
  expect(status).toBe(1);
});
