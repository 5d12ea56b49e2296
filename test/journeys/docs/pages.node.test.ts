/** Every page: blocks have a language and pass as that, links lead somewhere, commands exist. */
import { spawnSync } from "node:child_process";
import { existsSync, statSync } from "node:fs";
import { dirname, join, normalize } from "node:path";
import { parseSync } from "oxc-parser";
import { parse as parseSql } from "pgsql-parser";
import { parse as parseToml } from "smol-toml";
import { expect, test } from "vitest";
import { readJson } from "./abis.ts";
import { faultOf } from "./check-command.ts";
import {
  anchorsOf,
  inlineCommandsOf,
  isFollowed,
  linksOf,
  placeOf,
  readPage,
  readPages,
  root,
  type Block,
} from "./pages.ts";
import { commandsOf } from "./shell.ts";

const pages = readPages();
const blocks = pages.flatMap((page) => page.blocks);

/** What a block must be; absent = nothing can be said of it, which `text` is for. */
const checks: Readonly<Record<string, (block: Block) => unknown>> = {
  json: readJson,
  toml: ({ text }) => parseToml(text),
  sql: ({ text }) => parseSql(text),
  ts: (block) => parseCode(block),
  tsx: (block) => parseCode(block),
  js: (block) => parseCode(block),
  // Run by calls.slow.test.ts, followed by test/journeys/examples, or neither for a reason; what they name is looked at below.
  sh: ({ words }) => expect(["run", "step", "unrun"]).toContain([...words.keys()].join()),
  python: ({ text }) => parsePython(text),
  // Nothing here compiles them: the page says so.
  swift: () => undefined,
  kotlin: () => undefined,
  dart: () => undefined,
  md: () => undefined,
  text: () => undefined,
};

/** A machine without Python can say nothing of it. */
function parsePython(text: string): void {
  const parse = ["-c", "import ast, sys; ast.parse(sys.stdin.read())"];
  const { status, stderr } = spawnSync("python3", parse, { input: text, encoding: "utf8" });
  if (status !== null && status !== 0) throw new Error(stderr);
}

function parseCode({ text, language }: Block): void {
  const { errors } = parseSync(`block.${language}`, text);
  if (errors.length > 0) throw new Error(errors.map(({ message }) => message).join("\n"));
}

test.each(blocks.map((block) => [placeOf(block), block] as const))("%s is what its language says", async (_, block) => {
  const check = checks[block.language];
  expect(Object.keys(checks), `no block is without a language that is known here`).toContain(block.language);
  await check?.(block);
});

test("what is not run says why", () => {
  const unrun = blocks.filter(({ language, words }) => language === "sh" && words.has("unrun"));
  console.log(unrun.map((block) => `${placeOf(block)}: ${block.words.get("unrun") ?? ""}`).join("\n"));
  for (const block of unrun) expect(block.words.get("unrun"), placeOf(block)).toMatch(/\w+ \w+/);
});

test("pages of steps are those that are followed", () => {
  const followed = /^(docs\/tutorial|examples\/[\w-]+\/README)\.md$/;
  for (const { path } of pages.filter(isFollowed)) expect(path).toMatch(followed);
});

test.each(pages.map((page) => [page.path, page] as const))("%s names commands that exist", (_, page) => {
  const lines = [...page.blocks.filter(({ language }) => language === "sh"), ...inlineCommandsOf(page)];
  const faults = lines.flatMap((line) =>
    commandsOf(line.text).flatMap((words) => {
      const fault = faultOf(words);
      return fault === null ? [] : [`${placeOf(line)}: ${fault}`];
    }),
  );
  expect(faults).toEqual([]);
});

test.each(pages.map((page) => [page.path, page] as const))("%s links to what is there", (path, page) => {
  const faults = linksOf(page).flatMap(({ line, target }) => {
    const fault = linkFault(path, target);
    return fault === null ? [] : [`${path}:${String(line)}: ${target}: ${fault}`];
  });
  expect(faults).toEqual([]);
});

function linkFault(path: string, target: string): string | null {
  const [file = "", anchor] = target.split("#");
  const found = file === "" ? path : normalize(join(dirname(path), file));
  if (!existsSync(join(root, found))) return "no such file";
  if (anchor === undefined || statSync(join(root, found)).isDirectory()) return null;
  return anchorsOf(readPage(found)).has(anchor) ? null : "no such heading";
}

test("the README names both commands that a newcomer and CI run", () => {
  const { text } = readPage("README.md");
  expect(text).toContain("npm install && npm run demo");
  expect(text).toContain("npm install && npm test");
  expect(text.split("\n").length).toBeLessThanOrEqual(121);
});
