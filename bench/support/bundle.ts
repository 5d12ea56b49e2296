/** Bundles a Worker as `wrangler deploy` does, for benchmarks that run one or weigh it. */
import { fileURLToPath } from "node:url";
import { build, type Plugin } from "esbuild";

interface BundleOptions {
  readonly plugins?: Plugin[];
  /** As a deployment's is, unless somebody wants to read its functions' names. */
  readonly minify?: boolean;
  /** Expressions in place of names, as esbuild's. */
  readonly define?: Readonly<Record<string, string>>;
}

/** The text of the bundle: one module. */
export async function bundleWorker(
  entry: URL,
  { plugins = [], minify = true, define = {} }: BundleOptions = {},
): Promise<string> {
  const { outputFiles } = await build({
    entryPoints: [fileURLToPath(entry)],
    bundle: true,
    minify,
    format: "esm",
    target: "es2024",
    conditions: ["workerd", "worker", "import"],
    external: ["node:*", "cloudflare:*", "*.wasm"],
    write: false,
    plugins,
    define: { ...define },
  });
  return outputFiles[0]?.text ?? "";
}
