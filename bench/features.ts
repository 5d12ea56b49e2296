/**
 * What each feature that only some ABIs use adds to the Worker: the whole Worker with the shipped plans, bundled without
 * any, with each, and with all. Prints a Markdown table.
 */
import { readFile } from "node:fs/promises";
import { gzipSync } from "node:zlib";
import { emitBuild, emitWorker, packageModules, type BuiltIn } from "../src/compiler/emit.ts";
import { durableObjects, type ObjectFeature } from "../src/contract/bindings.ts";
import type { Plugin } from "esbuild";
import { bundleWorker } from "./support/bundle.ts";

/** The words of an ABI that bring them. */
const options: Readonly<Record<BuiltIn, string>> = {
  background: "`run_in_background`, `cron_job`",
  rateLimits: "`rate_limit`",
  quotas: "`quota` of `uploads`",
  webhooks: "`webhook`",
  validate: "`payload_validation`",
  routing: "`methods`, names in `resource`",
  address: "`$PARAM`, `$QUERY`",
  answerLinks: "`links` of a QUERY",
  issuing: "`tokenize` that issues",
  revocation: "`invalidate_tokenize`",
  passwords: "`hashables`, `verify_hashables`",
  bcrypt: "`BCRYPT` in one of them",
  argon2: "`ARGON2` in one of them",
  earlyFields: "steps before an UPLOAD that read the payload",
  deleting: "`delete_files` of a payload",
  deletingNamed: "`delete_files` of a QUERY's column",
  replacing: "`replaces`",
  fileFields: "`fields` of `uploads`",
  rawBodies: "`raw` of `uploads`",
  uploadLinks: "`links` of `uploads`",
  stripping: "`strip_metadata`",
  structure: "`strict_images`",
  thumbnails: "`thumbnails` of `uploads`",
  pictures: "`width`, `dominant_color` or another fact of pictures",
  resumable: "`resumable` of `uploads`",
  documents: "`mongo_query`, on a MongoDB server",
  fileApi: "`FILE_API`, not of ABIs",
  resumableFileApi: "`FILE_API` with `FILE_API_RESUMABLE`",
};

/** What no Worker has without what is told of pictures: each adds what it is beside that. */
const besidePictures: readonly BuiltIn[] = ["thumbnails", "fileApi", "resumableFileApi"];

async function gzipBytes(features: readonly BuiltIn[]): Promise<number> {
  const nameOf = (module: keyof typeof packageModules) => `../src/${packageModules[module]}`;
  const objects = (Object.keys(durableObjects) as ObjectFeature[]).filter((name) => features.includes(name));
  const texts = { build: emitBuild("d1", features, nameOf), worker: emitWorker({ objects, openApi: false }, nameOf) };
  const plugin: Plugin = {
    name: "features",
    setup(bundler) {
      for (const [name, contents] of Object.entries(texts)) {
        bundler.onLoad({ filter: new RegExp(`\\.sluice/${name}\\.ts$`) }, () => ({ contents, loader: "ts" }));
      }
    },
  };
  const text = await bundleWorker(new URL("../.sluice/worker.ts", import.meta.url), { plugins: [plugin] });
  const modules = features.includes("argon2")
    ? [await readFile(new URL(import.meta.resolve("@phi-ag/argon2/argon2.wasm")))]
    : [];
  return [text, ...modules].reduce((sum, module) => sum + gzipSync(module).length, 0);
}

const none = await gzipBytes([]);
const pictures = await gzipBytes(["pictures"]);
const line = (title: string, bytes: number, without = none) =>
  `| ${title} | ${(bytes / 1024).toFixed(1)} | ${((bytes - without) / 1024).toFixed(1)} |`;
console.log(["| ABIs with | KiB gzip | adds |", "| --- | ---: | ---: |", line("none of these", none)].join("\n"));
// MongoDB's driver is only there where a project has it: its size is in docs/benchmarks.md beside what it does.
const names = (Object.keys(options) as BuiltIn[]).filter((name) => name !== "documents");
for (const name of names) {
  const isBeside = besidePictures.includes(name);
  const built = names.filter((one) => one === name || (isBeside && one === "pictures"));
  console.log(line(options[name], await gzipBytes(built), isBeside ? pictures : none));
}
// One file API stands in the other's place.
console.log(line("all of them", await gzipBytes(names.filter((name) => name !== "fileApi"))));
