/** What every HTTP library must be able to do with the runtime, whatever its language. */
import { appendFile, readFile, stat, writeFile } from "node:fs/promises";
import { expect, type Checks, type DownloadAnswer, type Headers, type Library } from "./client.ts";
import { expectSame, readAnswer, type Sample, type Stage, type Stored } from "./stage.ts";

/** Ranges of one file that are asked for at the same time. */
const STREAMS = 4;

export function libraryChecks(library: Library): Checks {
  return {
    ...uploadChecks(library),
    link: async (stage) => checkWhole(stage, library, stage.stored.large, await stage.link(stage.stored.large)),
    address: (stage) => checkWhole(stage, library, stage.stored.picture, stage.stored.picture.url),
    head: async (stage) => {
      const file = stage.stored.large;
      const { status, headers } = await head(stage, library, await stage.link(file));
      expect(status === 200, `status ${String(status)}`);
      expect(headers["content-length"] === String(file.size), "content-length", headers);
      expect(headers["content-type"] === file.type, "content-type", headers);
      expect(headers["accept-ranges"] === "bytes", "accept-ranges", headers);
    },
    condition: (stage) => checkCondition(stage, library),
    range: (stage) => checkRanges(stage, library),
  };
}

export function uploadChecks(library: Pick<Library, "upload">): Checks {
  return {
    upload: (stage) => send(stage, library, stage.samples.picture, ""),
    names: async (stage) => {
      for (const sample of stage.samples.odd) await send(stage, library, sample, "");
    },
    large: (stage) => send(stage, library, stage.samples.large, "/private"),
  };
}

async function send(
  { origin, headers }: Stage,
  library: Pick<Library, "upload">,
  sample: Sample,
  way: "" | "/private",
): Promise<void> {
  const { path, type } = sample;
  const { status, body } = await library.upload({ url: `${origin}/v1/upload${way}`, headers, path, type });
  readAnswer(status, body, sample);
}

async function head(stage: Stage, library: Library, url: string): Promise<DownloadAnswer> {
  return library.download({ method: "HEAD", url, headers: {}, target: await stage.target() });
}

async function checkWhole(stage: Stage, library: Library, file: Stored, url: string): Promise<void> {
  const target = await stage.target();
  const { status } = await library.download({ method: "GET", url, headers: {}, target });
  expect(status === 200, `status ${String(status)}`);
  await expectSame(target, file);
}

async function checkCondition(stage: Stage, library: Library): Promise<void> {
  const { url } = stage.stored.picture;
  const { headers } = await head(stage, library, url);
  const conditions: Headers[] = [
    { "If-None-Match": headers["etag"] ?? "" },
    { "If-Modified-Since": headers["last-modified"] ?? "" },
  ];
  for (const condition of conditions) {
    const target = await stage.target();
    const { status } = await library.download({ method: "GET", url, headers: condition, target });
    expect(status === 304, `status ${String(status)} with`, condition);
    const size = await stat(target).then(
      (found) => found.size,
      () => 0,
    );
    expect(size === 0, "a 304 with a body");
  }
}

/** The file in parts that are asked for side by side, and the rest of one whose first half is here already. */
async function checkRanges(stage: Stage, library: Library): Promise<string> {
  const file = stage.stored.large;
  const url = await stage.link(file);
  const etag = (await head(stage, library, url)).headers["etag"] ?? "";
  const part = async (from: number, to: number) => {
    const target = await stage.target();
    const headers = { Range: `bytes=${String(from)}-${to === file.size ? "" : String(to - 1)}`, "If-Range": etag };
    const answer = await library.download({ method: "GET", url, headers, target });
    expect(answer.status === 206, `status ${String(answer.status)} for`, headers);
    const place = `bytes ${String(from)}-${String(to - 1)}/${String(file.size)}`;
    expect(answer.headers["content-range"] === place, `${place} was wanted`, answer.headers);
    return readFile(target);
  };
  const step = file.size / STREAMS;
  const parts = await Promise.all(
    Array.from({ length: STREAMS }, (_, index) => part(index * step, (index + 1) * step)),
  );
  const whole = await stage.target();
  await writeFile(whole, Buffer.concat(parts));
  await expectSame(whole, file);
  const half = await halfOf(stage, file);
  await appendFile(half, await part(file.size / 2, file.size));
  await expectSame(half, file);
  return `${String(STREAMS)} at once, rest`;
}

/** The path of a download that broke off in the middle. */
export async function halfOf(stage: Stage, file: Stored): Promise<string> {
  const target = await stage.target();
  const bytes = await readFile(file.path);
  await writeFile(target, bytes.subarray(0, file.size / 2));
  return target;
}
