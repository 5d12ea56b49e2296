/**
 * Measures what CPU time an upload takes in the Worker, and which functions take it: the whole runtime in workerd, sampled by
 * V8's profiler. It sees this isolate alone, so the simulators of bucket and database are not in it. Run
 * `node bench/upload-cpu.ts [uploads]`; prints Markdown tables.
 */
import { startIsolate } from "./support/isolate.ts";
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

const isolate = await startIsolate(new URL("upload-worker.js", import.meta.url), {}, false);

async function upload({ file }: Photograph, times: number): Promise<void> {
  for (let done = 0; done < times; done++) {
    const answer = await postForm(isolate.port, "/many", [file]);
    if (!answer.includes(" 200 OK")) throw new Error(`answered ${answer.slice(0, 300)}`);
  }
}

const sum = (times: readonly SelfTime[]) => times.reduce((total, { milliseconds }) => total + milliseconds, 0);

function printParts(title: string, times: readonly SelfTime[]): void {
  const each = parts.map((part) => sum(times.filter((time) => partOf(time) === part)));
  const cells = [sum(times), ...each].map((milliseconds) => (milliseconds / uploads).toFixed(2));
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

console.log(`| photograph | CPU ms an upload | ${parts.join(" | ")} |\n| --- |${" --: |".repeat(parts.length + 1)}`);
const profiles = [];
for (const photograph of await makePhotographs()) {
  await upload(photograph, WARM_UP_UPLOADS);
  const times = await isolate.profileOver(() => upload(photograph, uploads));
  printParts(photograph.title, times);
  profiles.push({ title: photograph.title, times });
}
printRooms(profiles);
for (const { title, times } of profiles) printFunctions(title, times);
console.log(`\n\`node bench/upload-cpu.ts ${uploads}\``);
await isolate.stop();
process.exit();
