/**
 * Measures what CPU time an upload takes in the Worker, and which functions take it: the whole runtime in workerd, sampled by
 * V8's profiler, in an isolate of its own, so that the bucket's and the database's simulators are not in it. Run
 * `node bench/upload-cpu.ts [uploads]`; prints Markdown tables.
 */
import { startIsolate } from "./support/isolate.ts";
import { makePhotographs, type Photograph } from "./support/photographs.ts";
import { postForm } from "./support/post-form.ts";
import type { SelfTime } from "./support/profile.ts";

const UPLOADS = Number(process.argv[2] ?? 200);
/** Until the compiler has settled. */
const WARM_UP_UPLOADS = 60;
const LISTED = 25;

const isolate = await startIsolate(new URL("upload-worker.js", import.meta.url), {}, false);

async function upload({ file }: Photograph, times: number): Promise<void> {
  for (let done = 0; done < times; done++) {
    const answer = await postForm(isolate.port, "/many", [file]);
    if (!answer.includes(" 200 OK")) throw new Error(`answered ${answer.slice(0, 300)}`);
  }
}

const isOfPicture = ({ file }: SelfTime) => file.startsWith("src/runtime/image/") || file.includes("/jpeg-js/");
const sum = (times: readonly SelfTime[]) =>
  times.reduce((total, { milliseconds }) => total + milliseconds, 0) / UPLOADS;
const milliseconds = (value: number) => value.toFixed(3);

console.log("| photograph | CPU ms an upload | picture | the platform's own code | garbage | the rest |");
console.log("| --- | --: | --: | --: | --: | --: |");
const profiles: { readonly title: string; readonly times: readonly SelfTime[] }[] = [];
for (const photograph of await makePhotographs()) {
  await upload(photograph, WARM_UP_UPLOADS);
  const times = await isolate.profileOver(() => upload(photograph, UPLOADS));
  profiles.push({ title: photograph.title, times });
  const picture = sum(times.filter(isOfPicture));
  const native = sum(times.filter(({ name }) => name === "(program)"));
  const garbage = sum(times.filter(({ name }) => name === "(garbage collector)"));
  const all = sum(times);
  const cells = [all, picture, native, garbage, all - picture - native - garbage].map(milliseconds);
  console.log(`| ${[photograph.title, ...cells].join(" | ")} |`);
}
for (const { title, times } of profiles) {
  console.log(`\n| ${title}: function | module | µs an upload |\n| --- | --- | --: |`);
  for (const time of times.filter((one) => !isOfPicture(one)).slice(0, LISTED)) {
    console.log(`| \`${time.name}\` | ${time.file} | ${((time.milliseconds * 1000) / UPLOADS).toFixed(0)} |`);
  }
}
console.log(`\n\`node bench/upload-cpu.ts ${UPLOADS}\``);
await isolate.stop();
process.exit();
