#!/usr/bin/env node
/** The command `sluice`: finds the command that is asked for, or says which there are. */
import * as nodeModule from "node:module";
import { findConfiguration } from "./configuration/file.ts";
import { LEAST_NODE } from "./least-node.ts";
import { commands, usage, usageOf } from "./usage.ts";

/** Null where the current folder is a project. */
function missingProject(): string | null {
  if (findConfiguration(".") !== null) return null;
  return `There is no wrangler.toml in ${process.cwd()}: "sluice init" writes a project`;
}

/** @returns the exit code where nothing was run */
async function run([name = "help", ...parameters]: readonly string[]): Promise<number | null> {
  if (name === "help" || name === "--help" || name === "-h") {
    console.log(usage);
    return 0;
  }
  const command = Object.hasOwn(commands, name) ? commands[name as keyof typeof commands] : undefined;
  if (command === undefined) {
    console.error(`There is no command "${name}".\n\n${usage}`);
    return 2;
  }
  if (parameters.includes("--help") || parameters.includes("-h")) {
    console.log(usageOf(name as keyof typeof commands));
    return 0;
  }
  const missing = name === "init" ? null : missingProject();
  if (missing !== null) {
    console.error(missing);
    return 1;
  }
  // Each command reads the rest of the line for itself.
  process.argv.splice(2, 1);
  await command.load();
  return null;
}

// The compiler and its parsers are large: each command would parse them anew. Node 20 has no such cache.
if ("enableCompileCache" in nodeModule) nodeModule.enableCompileCache();
const major = Number.parseInt(process.versions.node, 10);
if (major < LEAST_NODE) {
  console.error(`sluice needs Node.js ${LEAST_NODE} or newer; this is ${process.versions.node}.`);
  process.exitCode = 1;
} else {
  const code = await run(process.argv.slice(2));
  if (code !== null) process.exitCode = code;
}
