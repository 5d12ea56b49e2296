/**
 * Measures what CPU time an upload takes in the Worker, and which functions take it: the whole runtime in workerd, sampled by
 * V8's profiler, beside a Worker that makes the same calls of bindings and checks nothing. The profiler sees each isolate alone, so
 * the simulators of bucket and database are not in it. Run `node bench/upload-cpu.ts [uploads]`; prints Markdown tables.
 */
import { startIsolate, type Isolate } from "./support/isolate.ts";
import { makePhotographs, type Photograph } from "./support/photographs.ts";
import { postForm } from "./support/post-form.ts";
import type { SelfTime } from "./support/profile.ts";

const uploads = Number(process.argv[2] ?? 200);
/** Until the compiler has settled. */
const WARM_UP_UPLOADS = 60;
const LISTED = 25;

type Part = "picture" | "the runtime and its libraries" | "functions of the platform" | "garbage";

const parts: readonly Part[] = ["picture", "the runtime and its libraries", "functions of the platform", "garbage"];

function partOf({ name, file, isOfPlatform }: SelfTime): Part {
  if (name === "(garbage collector)") return "garbage";
  if (file.startsWith("src/runtime/image/") || file.includes("/jpeg-js/")) return "picture";
  return isOfPlatform ? "functions of the platform" : "the runtime and its libraries";
}

interface Way {
  readonly isolate: Isolate;
  readonly path: string;
}

const start = async (entry: string, path: string): Promise<Way> => ({
  isolate: await startIsolate(new URL(entry, import.meta.url), {}, false),
  path,
});
const sluice = await start("upload-worker.js", "/many");
const sameCalls = await start("naive-worker.js", "/calls");

async function upload({ isolate, path }: Way, { file }: Photograph, times: number): Promise<void> {
  for (let done = 0; done < times; done++) {
    const answer = await postForm(isolate.port, path, [file]);
    if (!answer.includes(" 200 OK")) throw new Error(`answered ${answer.slice(0, 300)}`);
  }
}

async function profile(way: Way, photograph: Photograph): Promise<readonly SelfTime[]> {
  await upload(way, photograph, WARM_UP_UPLOADS);
  return way.isolate.profileOver(() => upload(way, photograph, uploads));
}

const sum = (times: readonly SelfTime[]) => times.reduce((total, { milliseconds }) => total + milliseconds, 0);

function printParts(title: string, times: readonly SelfTime[], plain: readonly SelfTime[]): void {
  const each = parts.map((part) => sum(times.filter((time) => partOf(time) === part)));
  const cells = [sum(times), ...each, sum(plain)].map((milliseconds) => (milliseconds / uploads).toFixed(2));
  console.log(`| ${[title, ...cells].join(" | ")} |`);
}

/** A folder of the runtime, or a library; what the platform does for it included. */
function roomOf({ file, name }: SelfTime): string {
  const depth = file.startsWith("src/") ? 3 : 2;
  return file === "" ? name : file.split("/").slice(0, depth).join("/");
}

function printRooms(profiles: readonly { readonly title: string; readonly times: readonly SelfTime[] }[]): void {
  const byRoom = profiles.map(({ times }) => Map.groupBy(times, roomOf));
  const [smallest] = byRoom;
  console.log(
    `\n| µs an upload | ${profiles.map(({ title }) => title).join(" | ")} |\n| --- |${" --: |".repeat(profiles.length)}`,
  );
  const rooms = [...(smallest ?? [])].toSorted(([, one], [, other]) => sum(other) - sum(one));
  for (const [room] of rooms.slice(0, LISTED)) {
    const cells = byRoom.map((times) => ((sum(times.get(room) ?? []) * 1000) / uploads).toFixed(0));
    console.log(`| ${[`\`${room}\``, ...cells].join(" | ")} |`);
  }
}

function printFunctions(title: string, times: readonly SelfTime[]): void {
  console.log(`\n| ${title}: function | module | µs an upload |\n| --- | --- | --: |`);
  for (const time of times.filter((one) => partOf(one) !== "picture").slice(0, LISTED)) {
    const { name, file, isOfPlatform, milliseconds } = time;
    const module = isOfPlatform && file !== "" ? `platform, for ${file}` : file;
    console.log(`| \`${name}\` | ${module} | ${((milliseconds * 1000) / uploads).toFixed(0)} |`);
  }
}

const columns = ["CPU ms an upload", ...parts, "the same calls of bindings, unchecked"];
console.log(`| photograph | ${columns.join(" | ")} |\n| --- |${" --: |".repeat(columns.length)}`);
const profiles = [];
for (const photograph of await makePhotographs()) {
  const times = await profile(sluice, photograph);
  printParts(photograph.title, times, await profile(sameCalls, photograph));
  profiles.push({ title: photograph.title, times });
}
printRooms(profiles);
for (const { title, times } of profiles) printFunctions(title, times);
console.log(`\n\`node bench/upload-cpu.ts ${uploads}\``);
for (const { isolate } of [sluice, sameCalls]) await isolate.stop();
process.exit();
