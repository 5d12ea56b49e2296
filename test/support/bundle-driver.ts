/**
 * MongoDB's driver as one module for tests in workerd: there, each of its CommonJS files would be loaded on its own, and
 * `require("process")` finds nothing. A deployment's bundle has the same content. Runs in Node.
 */
import { builtinModules, createRequire } from "node:module";
import { build, type Plugin } from "esbuild";

/** Node's modules as imports; CommonJS asks for them by `require`. */
export const builtins: Plugin = {
  name: "builtins",
  setup(bundler) {
    const filter = new RegExp(`^(?:node:)?(?:${builtinModules.filter((name) => !name.startsWith("_")).join("|")})$`);
    bundler.onResolve({ filter }, ({ path, kind }) => {
      return kind === "require-call"
        ? { path: path.replace(/^node:/, ""), namespace: "builtin" }
        : { path, external: true };
    });
    bundler.onLoad({ filter: /.*/, namespace: "builtin" }, ({ path }) => ({
      contents:
        path === "process"
          ? "module.exports = globalThis.process;"
          : `import builtin from "node:${path}"; module.exports = builtin;`,
    }));
  },
};

/** Packages that the driver uses where they are installed. */
const optional = [
  "@aws-sdk/credential-providers",
  "@mongodb-js/zstd",
  "gcp-metadata",
  "kerberos",
  "mongodb-client-encryption",
  "snappy",
  "socks",
];

/** @returns the module's path */
export async function bundleDriver(root: string): Promise<string> {
  const outfile = `${root}/node_modules/.cache/sluice/mongodb.mjs`;
  const driver: unknown = createRequire(import.meta.url)("mongodb");
  const names = Object.keys(driver as object);
  await build({
    stdin: { contents: `export { ${names.join(", ")} } from "mongodb";`, resolveDir: root },
    bundle: true,
    format: "esm",
    platform: "neutral",
    mainFields: ["main"],
    conditions: ["node"],
    external: optional,
    plugins: [builtins],
    logLevel: "error",
    outfile,
  });
  return outfile;
}
