/**
 * What the pages show is done, page by page, against one running server that has their ABIs and tables: each `sh run` block, in
 * one shell, in their order. A `json answer` behind a block is what it prints, but for values.
 */
import { execFile } from "node:child_process";
import {
  appendFileSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { copyProject, type DevProject } from "../../support/node/dev-project.ts";
import { migrationsOf, readJson } from "./abis.ts";
import { shapeFaults } from "./answer-shape.ts";
import { placeOf, readPages, root, type Block, type Page } from "./pages.ts";

const LOCAL = "http://localhost:8787";
const isRun = ({ language, words }: Block) => language === "sh" && words.has("run");
const shown = readPages().filter(({ blocks }) => blocks.some(isRun));

/** The files that pages send, and what they are copies of. */
const samples = {
  "photo.jpg": "sunset-1600.jpg",
  "sunset.jpg": "sunset-1600.jpg",
  "selfie.jpg": "umang-8mp-baseline.jpg",
  "drawing.png": "seeding-round-640.png",
};
const PDF = "%PDF-1.4\n1 0 obj\n<< /Type /Catalog >>\nendobj\ntrailer\n<< /Root 1 0 R >>\n%%EOF\n";

let project: DevProject;
let folder: string;

beforeAll(async () => {
  project = await copyProject();
  for (const [index, page] of shown.entries()) addProjectOf(page, index);
  folder = mkdtempSync(join(tmpdir(), "sluice-docs-"));
  for (const [name, photo] of Object.entries(samples)) {
    copyFileSync(join(root, "test/support/photos", photo), join(project.folder, name));
  }
  for (const name of ["contract.pdf", "passport.pdf", "receipt.pdf"]) project.write(name, PDF);
  mkdirSync(join(project.folder, "test/support"), { recursive: true });
  await promisify(execFile)("cp", [
    "-r",
    join(root, "test/support/photos"),
    join(project.folder, "test/support/photos"),
  ]);
  await project.start();
});

afterAll(async () => {
  await project.close();
  rmSync(folder, { recursive: true, force: true });
});

/** A page that shows one of the repository's own ABIs shows it as it is. */
function addProjectOf({ blocks }: Page, index: number): void {
  for (const block of blocks.filter(({ language, words }) => language === "json" && !words.has("postgres"))) {
    const { kind, value } = readJson(block);
    if (kind !== "abi") continue;
    const { resource } = value as { readonly resource: string };
    const path = join(project.folder, "abis", `${resource}.json`);
    if (existsSync(path)) expect(JSON.parse(readFileSync(path, "utf8")), placeOf(block)).toEqual(value);
    else writeFileSync(path, block.text);
  }
  for (const { text } of blocks.filter(({ language, words }) => language === "toml" && words.has("project"))) {
    appendFileSync(join(project.folder, "wrangler.toml"), `\n${text}\n`);
  }
  for (const [place, { sql }] of migrationsOf({ blocks }).entries()) {
    project.write(`migrations/d1/${String(900 + index * 10 + place).padStart(4, "0")}_page.sql`, `${sql}\n`);
  }
}

describe.each(shown.map((page) => [page.path, page] as const))("%s", (_, page) => {
  const printed = new Map<Block, string>();

  const answers = page.blocks.flatMap((answer, index) => {
    const before = page.blocks[index - 1];
    return answer.words.has("answer") && before !== undefined ? [[placeOf(answer), before, answer] as const] : [];
  });

  test("its commands succeed", async () => {
    const runs = page.blocks.filter(isRun);
    const out = mkdtempSync(join(folder, "page-"));
    const script = runs.map(({ text }, index) => `{\n${text}\n} > '${join(out, String(index))}'`).join("\n");
    await runInShell(script.replaceAll(LOCAL, project.origin));
    for (const name of readdirSync(out)) {
      const block = runs[Number(name)];
      if (block !== undefined) printed.set(block, readFileSync(join(out, name), "utf8"));
    }
    expect(printed.size).toBe(runs.length);
    // An answer that is shown is compared below.
    const shownAnswers = new Set(answers.map(([, before]) => before));
    const others = [...printed].filter(([block]) => !shownAnswers.has(block));
    for (const [block, text] of others) expect(text, placeOf(block)).not.toMatch(/"code":"(?!file_not_found)/);
  });

  test.each(answers)("%s is what the block before it prints", (_place, before, answer) => {
    const text = printed.get(before) ?? "";
    expect(shapeFaults(readJson(answer).value, JSON.parse(text) as unknown), text).toEqual([]);
  });
});

/** In the project, with curl as it is: that it succeeds says that an answer came, not that it was a good one. */
async function runInShell(script: string): Promise<void> {
  const { stdout: token } = await inProject("npx sluice token --id user_01");
  const headers = `-H 'Authorization: Bearer ${token.trim()}'`;
  const { stdout: file } = await inProject(`curl -s ${headers} -F file=@photo.jpg ${project.origin}/v1/upload`);
  const { data } = JSON.parse(file) as { readonly data: { readonly _id: string; readonly url: string } };
  await inProject(script, { TOKEN: token.trim(), ID: data._id, URL: data.url });
}

const inProject = (script: string, variables: Readonly<Record<string, string>> = {}) =>
  promisify(execFile)("bash", ["-euo", "pipefail", "-c", script], {
    cwd: project.folder,
    env: { ...process.env, ...variables, NO_COLOR: "1" },
    timeout: 240_000,
  });
