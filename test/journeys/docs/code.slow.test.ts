/**
 * TypeScript's word on the code of each page, beside the generated build of this repository. A block with `file` is that
 * file, the others of a page are one module.
 */
import { execFile } from "node:child_process";
import { mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { expect, test } from "vitest";
import { packageModules } from "../../../src/compiler/emit.ts";
import { isCode, readPages, root, writeFiles, type Page } from "./pages.ts";

const pages = readPages().filter(({ blocks }) => blocks.some(isCode));

const modules = Object.entries(packageModules);

const compilerOptions = {
  target: "es2024",
  module: "esnext",
  moduleResolution: "bundler",
  preserveSymlinks: true,
  paths: Object.fromEntries(modules.map(([name, module]) => [`sluice${name.slice(1)}`, [`./src/${module}`]])),
  jsx: "react-jsx",
  strict: true,
  skipLibCheck: true,
  allowImportingTsExtensions: true,
  noEmit: true,
};

/** Where code runs. Workers and browsers have names in common that mean different things. */
const worlds = {
  worker: {
    options: { lib: ["es2024"], types: ["@cloudflare/workers-types"] },
    given: "declare interface Env { MAILS: Queue; PUBLIC_BASE_URL?: string }",
    files: ["worker-configuration.d.ts"],
  },
  elsewhere: {
    options: { lib: ["es2024", "dom", "dom.iterable"], types: ["node"] },
    given: "",
    files: [],
  },
} as const;

type World = keyof typeof worlds;

const codeOf = ({ blocks }: Page): string =>
  blocks
    .filter(isCode)
    .map(({ text }) => text)
    .join("\n");

const worldOf = (page: Page): World => (codeOf(page).includes('from "sluice"') ? "worker" : "elsewhere");

test.each(Object.keys(worlds) as World[])("no page's code has a type error: %s", async (world) => {
  const folder = mkdtempSync(join(tmpdir(), "sluice-docs-code-"));
  try {
    for (const name of ["node_modules", ".sluice", "src", "package.json", "worker-configuration.d.ts"]) {
      symlinkSync(join(root, name), join(folder, name));
    }
    const names = pages.filter((page) => worldOf(page) === world).flatMap((page) => writePage(folder, page));
    expect(names).not.toEqual([]);
    const { options, given, files } = worlds[world];
    writeFileSync(join(folder, "given.d.ts"), given);
    const project = {
      compilerOptions: { ...compilerOptions, ...options },
      include: [...names, ...files, "given.d.ts"],
    };
    writeFileSync(join(folder, "tsconfig.json"), JSON.stringify(project));
    expect(await compile(folder)).toBe("");
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});

/** @returns what to compile */
function writePage(folder: string, page: Page): readonly string[] {
  const own = page.path.replaceAll("/", "-");
  const blocks = page.blocks.filter(isCode);
  const rest = blocks.filter(({ words }) => !words.has("file"));
  const ending = rest.some(({ language }) => language === "tsx") ? "tsx" : "ts";
  writeFileSync(join(folder, `${own}.${ending}`), `${rest.map(({ text }) => text).join("\n")}\nexport {};\n`);
  writeFiles(join(folder, own), page);
  return [`${own}.${ending}`, own];
}

/** Resolves with what is wrong. */
function compile(folder: string): Promise<string> {
  const tsc = [join(root, "node_modules/typescript/bin/tsc"), "-p", folder];
  return promisify(execFile)(process.execPath, tsc).then(
    () => "",
    (error: { readonly stdout: string }) => error.stdout,
  );
}
