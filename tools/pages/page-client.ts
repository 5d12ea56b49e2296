/** `sluice/client` as the one file that the gallery's page loads: the page is served as it lies there, without a build. */
import { build } from "esbuild";

const entry = new URL("../../src/client/client.ts", import.meta.url).pathname;

export async function pageClient(): Promise<string> {
  const { outputFiles } = await build({
    entryPoints: [entry],
    bundle: true,
    write: false,
    format: "esm",
    target: "es2022",
    banner: { js: "// Written by tools/pages/page-client.ts from src/client: edit those." },
  });
  // Paths of the sources, which move.
  return (outputFiles[0]?.text ?? "").replace(/^\/\/ src\/.*\n/gm, "");
}
