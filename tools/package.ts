/** Builds what is published into dist: JavaScript and declarations of src, and the runtime's migrations. */
import { execFileSync } from "node:child_process";
import { chmod, cp, rm } from "node:fs/promises";

const root = new URL("../", import.meta.url);
const path = (name: string) => new URL(name, root).pathname;

await rm(path("dist"), { recursive: true, force: true });
for (const config of ["tsconfig.build.json", "tsconfig.build-node.json"]) {
  execFileSync(process.execPath, [path("node_modules/typescript/bin/tsc"), "-p", path(config)], { stdio: "inherit" });
}
await cp(path("src/runtime/database/migrations"), path("dist/runtime/database/migrations"), { recursive: true });
await chmod(path("dist/cli/sluice.js"), 0o755);
