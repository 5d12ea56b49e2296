/** The pages of the documentation as tests read them: their blocks, headings and links. */
import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

export const root = new URL("../../../", import.meta.url).pathname;

/** A fenced block. Its info string is the language and words: `sh run`, `json answer`, `sh unrun="needs an account"`. */
export interface Block {
  readonly page: string;
  /** Of its first fence. */
  readonly line: number;
  readonly language: string;
  /** `run` → "", `unrun="why"` → "why". */
  readonly words: ReadonlyMap<string, string>;
  readonly text: string;
}

export interface Page {
  /** From the root. */
  readonly path: string;
  readonly text: string;
  readonly blocks: readonly Block[];
  /** What is not in a block, line by line; blocks are empty lines. */
  readonly prose: readonly string[];
}

/** A page of steps is followed by test/journeys/examples, in a project of its own; `sh step` marks what is typed. */
export const isFollowed = ({ blocks }: Page): boolean => blocks.some(({ words }) => words.has("step"));

/** Written by a tool for each release, or by the authors of photographs. */
const notPages = ["CHANGELOG.md", "test/support/photos/LICENSES.md"];

export const isCode = ({ language }: Block): boolean => language === "ts" || language === "tsx";

/** The code blocks of a page that say which `file` they are, beside the sample's endpoints as a command writes them. */
export function writeFiles(folder: string, { blocks }: Page): void {
  mkdirSync(folder);
  const endpoints = readFileSync(join(root, "test/support/node/client-endpoints.ts"), "utf8");
  writeFileSync(join(folder, "endpoints.ts"), endpoints.replace("../../../src/client/client.ts", "sluice/client"));
  for (const { words, text } of blocks.filter(isCode)) {
    const file = words.get("file");
    if (file !== undefined) writeFileSync(join(folder, file), text);
  }
}

export const placeOf = ({ page, line }: Pick<Block, "page" | "line">): string => `${page}:${String(line)}`;

export function readPages(): readonly Page[] {
  const listed = execFileSync("git", ["ls-files", "-co", "--exclude-standard", "*.md"], {
    cwd: root,
    encoding: "utf8",
  });
  const paths = listed.split("\n").filter((path) => path !== "" && !path.startsWith(".") && !notPages.includes(path));
  return paths.filter((path) => existsSync(join(root, path))).map(readPage);
}

export function readPage(path: string): Page {
  const text = readFileSync(join(root, path), "utf8");
  return { path, text, ...split(path, text) };
}

const FENCE = /^( *)(`{3,})([^`]*)$/;

/** @throws Error where a block does not end */
function split(page: string, text: string): Pick<Page, "blocks" | "prose"> {
  const blocks: Block[] = [];
  const prose: string[] = [];
  let open: { readonly line: number; readonly fence: string; readonly info: string; readonly lines: string[] } | null =
    null;
  for (const [index, line] of text.split("\n").entries()) {
    const [, indent = "", fence = "", info = ""] = FENCE.exec(line) ?? [];
    if (open === null && fence !== "") {
      open = { line: index + 1, fence: indent + fence, info: info.trim(), lines: [] };
    } else if (open !== null && indent + fence === open.fence && info.trim() === "") {
      blocks.push({ page, line: open.line, ...readInfo(open.info), text: open.lines.join("\n") });
      open = null;
    } else {
      open?.lines.push(line);
    }
    prose.push(open === null && fence === "" ? line : "");
  }
  if (open !== null) throw new Error(`${page}:${String(open.line)}: a block that does not end`);
  return { blocks, prose };
}

function readInfo(info: string): Pick<Block, "language" | "words"> {
  const [language = ""] = info.split(" ");
  const words = info.slice(language.length).matchAll(/([\w-]+)(?:="([^"]*)")?/g);
  return { language, words: new Map([...words].map(([, word = "", value = ""]) => [word, value])) };
}

/** The anchors of a page, as GitHub makes them of its headings. */
export function anchorsOf({ prose }: Page): ReadonlySet<string> {
  const anchors = new Set<string>();
  for (const line of prose) {
    const [, heading] = /^#{1,6} (.+)$/.exec(line) ?? [];
    if (heading === undefined) continue;
    const plain = heading.replaceAll(/\[([^\]]*)\]\([^)]*\)/g, "$1").toLowerCase();
    const anchor = plain.replaceAll(/[^\p{L}\p{N}\p{M}_ -]/gu, "").replaceAll(" ", "-");
    let unique = anchor;
    for (let count = 1; anchors.has(unique); count += 1) unique = `${anchor}-${String(count)}`;
    anchors.add(unique);
  }
  return anchors;
}

export interface Link {
  readonly line: number;
  readonly target: string;
}

/** Links and pictures that are not to other hosts. */
export function linksOf({ prose }: Page): readonly Link[] {
  return prose.flatMap((text, index) => {
    const bare = text.replaceAll(/`[^`]*`/g, "");
    const targets = [...bare.matchAll(/\]\(([^)\s]+)\)/g)].map(([, target = ""]) => target);
    return targets.filter((target) => !/^[a-z]+:/.test(target)).map((target) => ({ line: index + 1, target }));
  });
}

/** Commands that stand in a sentence. */
export function inlineCommandsOf({ path, prose }: Page): readonly Pick<Block, "page" | "line" | "text">[] {
  return prose.flatMap((text, index) =>
    [...text.matchAll(/`((?:npx|npm|node|sluice|wrangler) [^`]+)`/g)].map(([, command = ""]) => ({
      page: path,
      line: index + 1,
      text: command,
    })),
  );
}
