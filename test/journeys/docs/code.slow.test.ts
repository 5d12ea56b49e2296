/** TypeScript's word on the code of each page: its blocks are one module, beside the generated build of this repository. */
import { execFile } from "node:child_process";
import { mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { expect, test } from "vitest";
import { readPages, root, type Block, type Page } from "./pages.ts";

const isCode = ({ language }: Block) => language === "ts" || language === "tsx";
const pages = readPages().filter(({ blocks }) => blocks.some(isCode));

const compilerOptions = {
  target: "es2024",
  module: "esnext",
  moduleResolution: "bundler",
  preserveSymlinks: true,
  jsx: "preserve",
  strict: true,
  skipLibCheck: true,
  allowImportingTsExtensions: true,
  noEmit: true,
};

/** Where code runs. Workers and browsers have names in common that mean different things. */
const worlds = {
  worker: {
    options: { lib: ["es2024"], types: ["@cloudflare/workers-types"], paths: { sluice: ["./src/index.ts"] } },
    given: "declare interface Env { MAILS: Queue; PUBLIC_BASE_URL?: string }",
    files: ["worker-configuration.d.ts"],
  },
  elsewhere: {
    options: { lib: ["es2024", "dom", "dom.iterable"], types: ["node"] },
    // React's names as far as the examples use them.
    given: `
declare module "react" {
  export function useState<Value>(first: Value): [Value, (next: Value) => void];
}
declare namespace JSX {
  type Element = object;
  interface IntrinsicElements {
    label: { children?: unknown };
    p: { children?: unknown; role?: string };
    progress: { value: number };
    img: { src: string; alt: string };
    input: { type: string; accept?: string; onChange?: (event: { currentTarget: HTMLInputElement }) => void };
  }
}`,
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
    const names = pages.filter((page) => worldOf(page) === world).map((page) => writePage(folder, page));
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

function writePage(folder: string, page: Page): string {
  const ending = page.blocks.some(({ language }) => language === "tsx") ? "tsx" : "ts";
  const name = `${page.path.replaceAll("/", "-")}.${ending}`;
  writeFileSync(join(folder, name), `${codeOf(page)}\nexport {};\n`);
  return name;
}

/** Resolves with what is wrong. */
function compile(folder: string): Promise<string> {
  const tsc = [join(root, "node_modules/typescript/bin/tsc"), "-p", folder];
  return promisify(execFile)(process.execPath, tsc).then(
    () => "",
    (error: { readonly stdout: string }) => error.stdout,
  );
}
