/** TypeScript's word: what is wrong in a call is an error of the compiler, and no consumer needs the DOM's types. */
import { execFile } from "node:child_process";
import { mkdtemp, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { expect, test } from "vitest";

const root = new URL("../../../", import.meta.url).pathname;
const tsc = async (...parameters: string[]) =>
  promisify(execFile)(process.execPath, [join(root, "node_modules/typescript/bin/tsc"), ...parameters], {
    cwd: root,
  }).then(
    () => "",
    (error: { readonly stdout: string }) => error.stdout,
  );

/** Every line behind an `@ts-expect-error` has to be wrong. Here it is a consumer of the built package. */
const calls = (await readFile(new URL("calls.ts", import.meta.url), "utf8"))
  .replace(/"[./]+\/src\/client\/client\.ts"/, '"sluice/client"')
  .replace(/"[./]+\/src\/client\/tus\/tus\.ts"/, '"sluice/client/tus"');

/** What servers hand over. */
const onServers = `
import { createClient } from "sluice/client";
import { endpoints } from "./calls";
const photo = new File(["x"], "a.png", { type: "image/png" });
const page = { name: "a", type: "", size: 1, stream: () => photo.stream() };
const client = createClient("https://x", { endpoints, token: () => "t", fetch });
const input = { path: { id: "1" }, body: { title: "x" }, files: { photo, pages: [page] } };
void client.call("uploadReceipts", input, { signal: AbortSignal.timeout(5) });
`;

async function compileIn(folder: string, libraries: readonly string[], types: readonly string[]): Promise<string> {
  await writeFile(join(folder, "calls.ts"), calls);
  await writeFile(
    join(folder, "platform.d.ts"),
    "declare function setTimeout(work: () => void, ms: number): unknown;\n",
  );
  const compilerOptions = {
    target: "es2022",
    lib: libraries,
    types,
    module: "esnext",
    moduleResolution: "bundler",
    strict: true,
    exactOptionalPropertyTypes: true,
    skipLibCheck: false,
    noEmit: true,
    paths: {
      "sluice/client": ["./lib/client/client.d.ts"],
      "sluice/client/tus": ["./lib/client/tus/tus.d.ts"],
    },
  };
  await writeFile(join(folder, "tsconfig.json"), JSON.stringify({ compilerOptions, include: ["*.ts"] }));
  return tsc("-p", folder);
}

test("declarations and calls compile without the DOM's types, and beside each platform's", async () => {
  const folder = await mkdtemp(join(tmpdir(), "sluice-client-types-"));
  try {
    const options = ["--outDir", join(folder, "lib"), "--declaration", "--emitDeclarationOnly"];
    expect(await tsc("-p", "tsconfig.build-client.json", ...options)).toBe("");
    expect(await compileIn(folder, ["es2022"], [])).toBe("");
    await symlink(join(root, "node_modules"), join(folder, "node_modules"));
    expect(await compileIn(folder, ["es2022", "dom"], [])).toBe("");
    await writeFile(join(folder, "servers.ts"), onServers);
    for (const types of ["@cloudflare/workers-types", "node"]) {
      // Declarations of other packages have faults of their own.
      const faults = (await compileIn(folder, ["es2022"], [types])).split("\n");
      expect(faults.filter((fault) => /(?:calls|servers|lib\/client\S*)\.ts\(/.test(fault))).toEqual([]);
    }
  } finally {
    await rm(folder, { recursive: true });
  }
});
