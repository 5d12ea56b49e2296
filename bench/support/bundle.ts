/** Bundles a Worker as `wrangler deploy` does, for benchmarks that run one or weigh it. */
import { fileURLToPath } from "node:url";
import { build, type Plugin } from "esbuild";

/** The text of the bundle: minified, one module. */
export async function bundleWorker(entry: URL, plugins: Plugin[] = []): Promise<string> {
  const { outputFiles } = await build({
    entryPoints: [fileURLToPath(entry)],
    bundle: true,
    minify: true,
    format: "esm",
    target: "es2024",
    conditions: ["workerd", "worker", "import"],
    external: ["node:*", "cloudflare:*"],
    write: false,
    plugins,
  });
  return outputFiles[0]?.text ?? "";
}
