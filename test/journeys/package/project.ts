/** A project as its owner has it: made by `sluice init`, with the package installed from a file. */
import { constants, cp, readFile, writeFile } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { npm, root, run, type Variables } from "./commands.ts";
import { startServer, type Server } from "./servers.ts";

export interface Project {
  readonly folder: string;
  /** What the command `sluice` of the installed package says. */
  sluice(...parameters: readonly string[]): Promise<string>;
  wrangler(...parameters: readonly string[]): Promise<string>;
  /** Node's parameters for `sluice`. */
  readonly command: string;
  readonly wranglerCommand: string;
  readonly variables: Variables;
  write(path: string, text: string): Promise<void>;
  edit(path: string, change: (text: string) => string): Promise<void>;
}

export const builtCommand = join(root, "dist/lib/cli/sluice.js");

interface ProjectOptions {
  /** Of `sluice init`. */
  readonly flags?: readonly string[];
  readonly variables?: Variables;
  /** Another project, whose packages npm then finds in place and need not unpack once more. */
  readonly like?: Project;
}

export async function createProject(
  folder: string,
  tarball: string,
  { flags = [], variables = {}, like }: ProjectOptions = {},
): Promise<Project> {
  await run(dirname(folder), process.execPath, [builtCommand, "init", basename(folder), ...flags]);
  if (like !== undefined) await copyModules(like.folder, folder);
  await npm(folder, "install", tarball);
  const command = join(folder, "node_modules/sluice/lib/cli/sluice.js");
  const wranglerCommand = join(folder, "node_modules/wrangler/bin/wrangler.js");
  const write = (path: string, text: string) => writeFile(join(folder, path), text);
  return {
    folder,
    command,
    wranglerCommand,
    variables,
    write,
    sluice: (...parameters) => run(folder, process.execPath, [command, ...parameters], variables),
    wrangler: (...parameters) => run(folder, process.execPath, [wranglerCommand, ...parameters], variables),
    edit: async (path, change) => write(path, change(await readFile(join(folder, path), "utf8"))),
  };
}

/** What npm then finds in place and need not unpack once more. */
export function copyModules(from: string, to: string): Promise<void> {
  const [source, target] = [from, to].map((folder) => join(folder, "node_modules")) as [string, string];
  const options = { recursive: true, verbatimSymlinks: true, mode: constants.COPYFILE_FICLONE };
  return cp(source, target, options);
}

/** `sluice dev`, once it answers. */
export const startDev = ({ folder, command, variables }: Project, port: number): Promise<Server> =>
  startServer({ folder, command: [command, "dev"], port, variables });
