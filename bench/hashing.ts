/**
 * What a password costs in workerd: milliseconds of the processor for one hash, by algorithm and cost, of the first one in
 * an isolate and of those behind it. Prints a Markdown table; Linux only.
 */
import { readFile } from "node:fs/promises";
import { build } from "esbuild";
import { convertV4MiniflareOptions, Miniflare } from "miniflare";
import { readCpu } from "./support/processor-time.ts";

const RUNS = 8;
const wasm = new URL(import.meta.resolve("@phi-ag/argon2/argon2.wasm"));

const { outputFiles } = await build({
  stdin: {
    contents: `
      import { bcrypt } from "./src/runtime/accounts/bcrypt.ts";
      import { argon2 } from "./src/runtime/accounts/argon2.ts";
      const hashers = { bcrypt, argon2 };
      export default {
        fetch(request) {
          const { searchParams } = new URL(request.url);
          const hash = hashers[searchParams.get("algorithm")].hash("correct horse battery staple", Number(searchParams.get("cost")));
          return new Response(hash);
        },
      };`,
    resolveDir: new URL("..", import.meta.url).pathname,
    loader: "ts",
  },
  bundle: true,
  format: "esm",
  target: "es2024",
  conditions: ["workerd", "worker", "import"],
  external: ["node:*", "*.wasm"],
  write: false,
});
const contents = outputFiles[0]?.text ?? "";

async function measure(algorithm: string, cost: number): Promise<readonly [first: number, each: number]> {
  const modules = [
    { type: "ESModule" as const, path: "worker.js", contents },
    { type: "CompiledWasm" as const, path: "@phi-ag/argon2/argon2.wasm", contents: await readFile(wasm) },
  ];
  const workers = [{ name: "hash", compatibilityDate: "2026-10-20", compatibilityFlags: ["nodejs_compat"], modules }];
  const worker = new Miniflare(convertV4MiniflareOptions({ workers }));
  try {
    const ask = async () => {
      const began = await readCpu();
      const response = await worker.dispatchFetch(`http://hash/?algorithm=${algorithm}&cost=${cost}`);
      await response.text();
      return (await readCpu()) - began;
    };
    // The isolate starts with a hash that costs nothing.
    await worker.dispatchFetch("http://hash/?algorithm=bcrypt&cost=4");
    const first = await ask();
    let sum = 0;
    for (let run = 0; run < RUNS; run++) sum += await ask();
    return [first, sum / RUNS];
  } finally {
    await worker.dispose();
  }
}

console.log(["| algorithm | `rounds_cost` | first hash, ms | each, ms |", "| --- | ---: | ---: | ---: |"].join("\n"));
for (const [algorithm, costs] of Object.entries({ bcrypt: [10, 11, 12, 13, 14, 15], argon2: [2, 3, 4, 12, 31] })) {
  for (const cost of costs) {
    const [first, each] = await measure(algorithm, cost);
    console.log(`| ${algorithm} | ${cost} | ${first.toFixed(0)} | ${each.toFixed(0)} |`);
  }
}
