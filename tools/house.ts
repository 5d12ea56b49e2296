/**
 * Holds the tree of src against the rules of the house: rooms that import upwards, circles of imports, names with two meanings,
 * crowded folders. What is known is listed in tools/house/known.json, which may only shrink; `--write` lets it.
 */
import { readFile, writeFile } from "node:fs/promises";
import { findFaults } from "./house/faults.ts";
import { readModules } from "./house/read-modules.ts";
import { rooms } from "./house/rooms.ts";

const list = new URL("house/known.json", import.meta.url);
const known = new Set(JSON.parse(await readFile(list, "utf8")) as string[]);
const modules = await readModules("src");
const faults = findFaults(modules, rooms);
const fresh = faults.filter((fault) => !known.has(fault));
const mended = [...known].filter((fault) => !faults.includes(fault));
for (const fault of fresh) console.error(fault);
if (process.argv.includes("--write")) {
  const left = faults.filter((fault) => known.has(fault));
  await writeFile(list, `${JSON.stringify(left, null, 2)}\n`);
} else if (mended.length > 0) {
  console.error(`No longer so, take it off the list (npx node tools/house.ts --write):\n  ${mended.join("\n  ")}`);
}
if (fresh.length > 0 || (mended.length > 0 && !process.argv.includes("--write"))) process.exitCode = 1;
else console.log(`${modules.length} modules in ${rooms.length} rooms, ${known.size} known faults`);
