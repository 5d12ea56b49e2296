/** Wrangler's commands that the pages name are commands of the wrangler that is installed, with the options they name. */
import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { expect, test } from "vitest";
import { inlineCommandsOf, placeOf, readPages, root } from "./pages.ts";
import { commandsOf } from "./shell.ts";

interface Use {
  readonly place: string;
  /** Up to the first option, value or placeholder. */
  readonly command: string;
  readonly options: readonly string[];
}

const uses = readPages().flatMap((page) =>
  [...page.blocks.filter(({ language }) => language === "sh"), ...inlineCommandsOf(page)].flatMap((line) =>
    commandsOf(line.text).flatMap((words) => useOf(placeOf(line), words)),
  ),
);

function useOf(place: string, words: readonly string[]): readonly Use[] {
  const at = words.indexOf("wrangler");
  if (at === -1 || at > 1) return [];
  const rest = words.slice(at + 1);
  const end = rest.findIndex((word) => !/^[a-z][a-z0-9]*(?:-[a-z]+)*$/.test(word));
  const command = (end === -1 ? rest : rest.slice(0, end)).join(" ");
  const options = rest.filter((word) => word.startsWith("--")).map((word) => word.split("=")[0] ?? "");
  return [{ place, command, options }];
}

const commands = [...new Set(uses.map(({ command }) => command))].filter((command) => command !== "");

test.each(commands)("wrangler %s", async (command) => {
  const { known, help } = await longestKnown(command.split(" "));
  expect(known, `wrangler knows no command in "${command}"`).not.toBe("");
  const wrong = uses
    .filter((use) => use.command === command)
    .flatMap(({ place, options }) => options.filter((name) => !help.includes(name)).map((name) => `${place}: ${name}`));
  expect(wrong, help).toEqual([]);
});

/** Values stand behind a command as words, too, such as the name of a secret or of a bucket. */
async function longestKnown(words: readonly string[]): Promise<{ readonly known: string; readonly help: string }> {
  for (let length = words.length; length > 0; length -= 1) {
    const known = words.slice(0, length).join(" ");
    const help = await helpOf(words.slice(0, length));
    if (new RegExp(`^wrangler ${known}(?: [<[]|\\s*$)`, "m").test(help)) return { known, help };
  }
  return { known: "", help: "" };
}

async function helpOf(words: readonly string[]): Promise<string> {
  const wrangler = `${root}node_modules/wrangler/bin/wrangler.js`;
  const options = { env: { ...process.env, NO_COLOR: "1", WRANGLER_SEND_METRICS: "false" } };
  const { stdout } = await promisify(execFile)(process.execPath, [wrangler, ...words, "--help"], options);
  return stdout;
}
