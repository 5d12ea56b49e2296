/** The modules below a folder: what each imports and exports, types included. */
import { readFile, readdir } from "node:fs/promises";
import { dirname, join, normalize, relative } from "node:path";
import { parse } from "oxc-parser";

export interface Module {
  /** From the repository's root, with slashes. */
  readonly path: string;
  /** Paths of the repository, as the module's imports name them. */
  readonly imports: readonly string[];
  readonly packages: readonly string[];
  /** Names that are declared and exported here. */
  readonly exports: readonly string[];
}

export async function readModules(folder: string): Promise<readonly Module[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const files = entries.filter(({ name }) => name.endsWith(".ts") && !name.endsWith(".d.ts"));
  const paths = files.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
  return Promise.all(paths.map(readModule));
}

async function readModule(file: string): Promise<Module> {
  const { module, errors } = await parse(file, await readFile(file, "utf8"));
  if (errors[0] !== undefined) throw new Error(`${file}: ${errors[0].message}`);
  const path = relative("", file).replaceAll("\\", "/");
  const exported = module.staticExports.flatMap(({ entries }) => entries);
  const specifiers = [
    ...module.staticImports.map(({ moduleRequest }) => moduleRequest.value),
    ...exported.flatMap(({ moduleRequest }) => moduleRequest?.value ?? []),
  ];
  const isOwn = (specifier: string) => specifier.startsWith(".");
  return {
    path,
    imports: specifiers.filter(isOwn).map((specifier) => normalize(join(dirname(path), specifier))),
    packages: specifiers.filter((specifier) => !isOwn(specifier)),
    exports: exported.flatMap(({ moduleRequest, exportName }) =>
      moduleRequest === null ? (exportName.name ?? []) : [],
    ),
  };
}
