/** `sluice/client` as the one file that the gallery's page loads: the page is served as it lies there, without a build. */
import { build, type Plugin } from "esbuild";

const entry = new URL("../../src/client/client.ts", import.meta.url).pathname;

/** Left empty: what writes a form for `fetch`, or reads a stream into one. The page sends files of browsers by XMLHttpRequest. */
const forServers: Plugin = {
  name: "for-servers",
  setup(bundle) {
    bundle.onLoad({ filter: /\/form-body\.ts$/ }, () => ({ contents: "", loader: "ts" }));
  },
};

export async function pageClient(): Promise<string> {
  const { outputFiles } = await build({
    entryPoints: [entry],
    bundle: true,
    minify: true,
    write: false,
    format: "esm",
    target: "es2022",
    plugins: [forServers],
    banner: { js: "// Written by tools/pages/page-client.ts from src/client: edit those." },
  });
  return outputFiles[0]?.text ?? "";
}
