/** What the documentation's commands are compared with: the command's own table, the scripts, the suites, the files. */
import { existsSync } from "node:fs";
import { join } from "node:path";
import manifest from "../../../package.json" with { type: "json" };
import { commands } from "../../../src/cli/usage.ts";
import { suites } from "../../../tools/suite.ts";
import { root } from "./pages.ts";

/** Words of the shell and programs of the system, which nobody has to explain. */
const system = [
  "for",
  "do",
  "done",
  "aria2c",
  "base64",
  "cd",
  "cmp",
  "cp",
  "curl",
  "cat",
  "git",
  "grep",
  "head",
  "mkdir",
  "openssl",
  "printf",
  "echo",
  "export",
  "sleep",
  "tee",
  "wget",
];
/** Of npm itself. */
const npmCommands = ["install", "ls", "pack", "publish"];
/** Scripts of a project that `sluice init` writes. */
const projectScripts = ["dev", "build", "check", "migrate", "deploy"];
/** Packages whose commands have a manual of their own; wrangler's are compared with its help in wrangler.slow.test.ts. */
const tools = ["wrangler", "changeset", "vitest", "oxlint", "prettier", "knip", "tsc"];

/** Says what is wrong with a command; null where nothing is. */
export function faultOf(words: readonly string[]): string | null {
  const [program = "", ...parameters] = words;
  if (system.includes(program)) return null;
  if (program === "npm") return npmFault(parameters);
  if (program === "npx") {
    const at = parameters.findIndex((word) => !word.startsWith("-"));
    return faultOf(parameters.slice(at));
  }
  if (program === "node") return nodeFault(parameters);
  if (program === "sluice") return sluiceFault(parameters);
  if (tools.includes(program)) return null;
  return program.startsWith(".") ? fileFault(program) : `no such program: ${program}`;
}

const fileFault = (path: string): string | null => (existsSync(join(root, path)) ? null : `no such file: ${path}`);

function npmFault(parameters: readonly string[]): string | null {
  const [command = "", ...rest] = parameters.filter((word) => word !== "-s");
  if (command === "start" || command === "test") return null;
  if (command !== "run") return npmCommands.includes(command) ? null : `npm ${command} is not known here`;
  const [script, ...options] = rest.filter((word) => word !== "--");
  if (script === undefined) return null;
  if (script === "suite") return suiteFault(options);
  if (script in manifest.scripts || projectScripts.includes(script)) return null;
  return `no script ${script}`;
}

function suiteFault([name]: readonly string[]): string | null {
  return name === undefined || name in suites || name === "<name>" ? null : `no suite ${name}`;
}

function nodeFault(parameters: readonly string[]): string | null {
  const [file = "", ...rest] = parameters.filter((word) => !word.startsWith("--"));
  // The built package's.
  return file.endsWith("lib/cli/sluice.js") ? sluiceFault(rest) : fileFault(file);
}

function sluiceFault([name = "", ...parameters]: readonly string[]): string | null {
  if (name.startsWith("<") || name === "--help") return null;
  if (!Object.hasOwn(commands, name)) return `no command sluice ${name}`;
  const known = commands[name as keyof typeof commands].options.flatMap(([form]) => form.match(/--[a-z-]+/g) ?? []);
  const wrong = parameters
    .filter((word) => word.startsWith("--"))
    .find((word) => ![...known, "--help"].includes(word.split("=")[0] ?? ""));
  if (wrong !== undefined) return `sluice ${name} has no ${wrong}, but ${known.join(", ")}`;
  return subcommandFault(name as keyof typeof commands, parameters);
}

/** `jobs` and `links` have commands of their own, which are the first words of their options. */
function subcommandFault(name: keyof typeof commands, [first]: readonly string[]): string | null {
  if (first === undefined || first.startsWith("-")) return null;
  const forms = commands[name].options.flatMap(([form]) => form.split(" | ")).map((form) => form.split(" ")[0] ?? "");
  const names = forms.filter((form) => /^[a-z]/.test(form));
  return names.length === 0 || names.includes(first) ? null : `sluice ${name} has no ${first}, but ${names.join(", ")}`;
}
