import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, utimesSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { build } from "esbuild";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { packageFile } from "../../../src/cli/package-file.ts";
import { createTraceReader, isFrame } from "../../../src/cli/local/stack-trace.ts";

let root = "";
const bundle = () => join(root, ".wrangler/tmp/dev-a1/worker.js");
const urlOf = (path: string) => pathToFileURL(join(root, path)).href;

/** Bundles a module that throws on the given line, as wrangler would, and resolves with the stack of what it throws. */
async function stackOf(line: number): Promise<string[]> {
  const text = `${"\n".repeat(line - 1)}export function explode(): never { throw new Error("exploded"); }\n`;
  writeFileSync(join(root, "src/a (1) ä.ts"), text);
  writeFileSync(
    join(root, "src/main.ts"),
    'import { explode } from "./a (1) ä.ts";\nexport function main() {\n  explode();\n}\n',
  );
  await build({
    entryPoints: [join(root, "src/main.ts")],
    outfile: bundle(),
    bundle: true,
    format: "esm",
    minify: true,
    keepNames: true,
    sourcemap: true,
    // As wrangler's.
    sourceRoot: join(root, ".wrangler/tmp/dev-a1"),
  });
  // Two builds of one moment are told apart.
  utimesSync(`${bundle()}.map`, line, line);
  // The tests' own process would read the map itself.
  const script = `const { main } = await import(${JSON.stringify(pathToFileURL(bundle()).href)}); try { main(); } catch ({ stack }) { console.log(stack); }`;
  return execFileSync(process.execPath, ["--input-type=module", "-e", script], { encoding: "utf8" }).split("\n");
}

beforeAll(() => {
  root = mkdtempSync(join(tmpdir(), "sluice trace-"));
  mkdirSync(join(root, "src"));
});
afterAll(() => rmSync(root, { recursive: true, force: true }));

describe("a trace", () => {
  test("of the bundle is one of the sources, also after it is built anew", async () => {
    const read = createTraceReader(root);
    for (const line of [3, 7]) {
      const stack = await stackOf(line);
      expect(stack.join("\n")).toContain("dev-a1/worker.js:1:");
      expect(read(stack).slice(0, 3)).toEqual([
        "Error: exploded",
        expect.stringMatching(new RegExp(`^    at explode \\(src/a \\(1\\) ä\\.ts:${String(line)}:\\d+\\)$`)),
        expect.stringMatching(/^ {4}at main \(src\/main\.ts:3:\d+\)$/),
      ]);
    }
  });

  test("of a bundle that is gone has no place to show, and one that is read twice says the same", () => {
    const read = createTraceReader(root);
    expect(read([`    at f (${urlOf(".wrangler/tmp/dev-b2/worker.js")}:1:2)`])).toEqual([]);
    const [once = ""] = read([`    at f (${urlOf("src/main.ts")}:3:4)`]);
    expect(once).toBe("    at f (src/main.ts:3:4)");
  });

  test.each([
    ["    at async f (%)", "    at async f (src/main.ts:3:4)"],
    ["        at Object.fetch (%)", "    at Object.fetch (src/main.ts:3:4)"],
    ["    at %", "    at src/main.ts:3:4"],
    ["    at async %", "    at src/main.ts:3:4"],
    ["    at null.<anonymous> (%)", "    at src/main.ts:3:4"],
    ["    at Array.<anonymous> (%)", "    at Array.<anonymous> (src/main.ts:3:4)"],
    ["    at Object.t [as batch] (%)", "    at Object.t [as batch] (src/main.ts:3:4)"],
  ])("%j", (line, expected) => {
    const place = `${urlOf("src/main.ts")}:3:4`;
    expect(createTraceReader(root)([line.replace("%", place)])).toEqual([expected]);
  });

  test("has nothing of what wrangler and sluice dev put around the Worker, nor of the platform", () => {
    const places = [
      `${urlOf(".wrangler/tmp/bundle-x/middleware-loader.entry.ts")}:1:2`,
      `${urlOf("node_modules/wrangler/templates/middleware/common.ts")}:53:9`,
      `${urlOf(".sluice/development.js")}:3:1`,
      `${pathToFileURL(packageFile("runtime/development/late-answer")).href}:9:1`,
      "cloudflare-internal:d1-api:211:26",
      "<anonymous>",
    ];
    const own = `${urlOf("src/development.ts")}:1:1`;
    expect(createTraceReader(root)([...places, own].map((place) => `    at f (${place})`))).toEqual([
      "    at f (src/development.ts:1:1)",
    ]);
  });

  test.each(["    at f (file:///a%2fb.js:1:2)", "    at f (file://[:1:2)"])("%j is left alone", (line) => {
    expect(createTraceReader(root)([line])).toEqual([line]);
  });

  test("names what is outside of the project by its whole path, and leaves other lines alone", () => {
    const lines = [
      "Error: at first",
      "at your service",
      "Caused by: RangeError: x",
      `    at f (file:///else/where.ts:1:2)`,
    ];
    expect(createTraceReader(root)(lines)).toEqual([...lines.slice(0, 3), "    at f (/else/where.ts:1:2)"]);
    expect(lines.map(isFrame)).toEqual([false, false, false, true]);
  });
});
