/** Programs of the command line, each with the options that its manual gives for the purpose. */
import { readFile, stat, writeFile } from "node:fs/promises";
import { basename, dirname } from "node:path";
import { expect, type Checks, type Client, type Headers, type Library } from "./client.ts";
import { halfOf, libraryChecks } from "./library-checks.ts";
import { runTool, toolOutput } from "./run-tool.ts";
import { expectSame, type Stage, type Stored } from "./stage.ts";

const headerOptions = (headers: Headers) =>
  Object.entries(headers).flatMap(([name, value]) => ["-H", `${name}: ${value}`]);

const curl: Library = {
  async upload({ url, headers, path, type }) {
    const quoted = `"${path.replaceAll(/[\\"]/g, "\\$&")}"`;
    const form = ["-F", `file=@${quoted};type=${type}`];
    const said = await toolOutput("curl", ["-sS", ...headerOptions(headers), ...form, "-w", "\n%{http_code}", url]);
    const end = said.lastIndexOf("\n");
    return { status: Number(said.slice(end)), body: JSON.parse(said.slice(0, end)) as unknown };
  },
  async download({ method, url, headers, target }) {
    const way = method === "HEAD" ? ["--head", "-o", "/dev/null"] : ["-o", target];
    const said = await toolOutput("curl", ["-sS", ...headerOptions(headers), ...way, "-D", "-", url]);
    const [first = "", ...lines] = said.trim().split("\r\n");
    const pairs = lines
      .map((line) => line.split(/: (.*)/))
      .map(([name = "", value = ""]) => [name.toLowerCase(), value]);
    return { status: Number(first.split(" ")[1]), headers: Object.fromEntries(pairs) as Record<string, string> };
  },
};

const curlChecks: Checks = {
  ...libraryChecks(curl),
  async condition(stage) {
    const { url } = stage.stored.picture;
    const [target, etag] = [await stage.target(), await stage.target()];
    const get = (option: string) => toolOutput("curl", ["-sS", "-o", target, "-w", "%{http_code}", option, etag, url]);
    expect((await get("--etag-save")) === "200", "the first download");
    expect((await get("--etag-compare")) === "304", "--etag-compare");
    const code = await toolOutput("curl", ["-sS", "-o", target, "-w", "%{http_code}", "-z", target, url]);
    expect(code === "304", "-z", code);
    await expectSame(target, stage.stored.picture);
    return "--etag-compare, -z";
  },
  range: (stage) => resume(stage, "-C -", (url, half) => toolOutput("curl", ["-sS", "-C", "-", "-o", half, url])),
};

const wgetChecks: Checks = {
  names: (stage) =>
    savedUnderItsName(stage, (url, folder) => toolOutput("wget", ["-q", "-P", folder, "--content-disposition", url])),
  ...wholeBy((url, target) => toolOutput("wget", ["-q", "-O", target, url])),
  async head(stage) {
    const { large } = stage.stored;
    const { errors } = await runTool("wget", ["--spider", "-S", await stage.link(large)]);
    expect(errors.includes(`Content-Length: ${String(large.size)}`), "--spider", errors);
    return "--spider";
  },
  condition: (stage) =>
    untouched(stage, "-N", async (url, target) => {
      const { errors } = await runTool("wget", ["-N", "-S", "-P", dirname(target), url]);
      expect(errors.includes("304 Not Modified"), "-N", errors);
    }),
  range: (stage) => resume(stage, "-c", (url, half) => toolOutput("wget", ["-q", "-c", "-O", half, url])),
};

const aria2 = (url: string, target: string, ...more: readonly string[]) =>
  toolOutput("aria2c", ["-q", "-d", dirname(target), "-o", basename(target), ...more, url]);

const aria2Checks: Checks = {
  names: (stage) =>
    savedUnderItsName(stage, (url, folder) =>
      toolOutput("aria2c", ["-q", "-d", folder, "--content-disposition-default-utf8=true", url]),
    ),
  ...wholeBy(aria2),
  condition: (stage) =>
    untouched(stage, "--conditional-get", (url, target) =>
      aria2(url, target, "--conditional-get=true", "--allow-overwrite=true"),
    ),
  async range(stage) {
    const { large } = stage.stored;
    const [target, log] = [await stage.target(), await stage.target()];
    await aria2(await stage.link(large), target, "-x4", "-s4", "-k1M", `--log=${log}`, "--log-level=info");
    await expectSame(target, large);
    // Where the others are slower than the first, aria2 gives their parts to it.
    const parts = (await readFile(log, "utf8")).split("HTTP/1.1 206").length - 1;
    expect(parts >= 2, "answers with a part", String(parts));
    return resume(stage, "-x4, -c", (url, half) => aria2(url, half, "-c"));
  },
};

const rcloneChecks: Checks = {
  names: (stage) =>
    savedUnderItsName(stage, (url, folder) =>
      toolOutput("rclone", ["copyurl", "--auto-filename", "--header-filename", url, folder]),
    ),
  ...wholeBy((url, target) => toolOutput("rclone", ["copyurl", url, target])),
  /** It asks for size and time, and leaves what has them. */
  async head(stage) {
    const target = await stage.target();
    await rcloneCopy(stage.stored.picture, target);
    const said = await rcloneCopy(stage.stored.picture, target);
    expect(said.includes("Unchanged skipping"), "the second copy", said);
    return "copyto, unchanged";
  },
  async range(stage) {
    const target = await stage.target();
    const said = await rcloneCopy(stage.stored.publicLarge, target, "--multi-thread-cutoff=1M");
    await expectSame(target, stage.stored.publicLarge);
    expect(said.includes("multi-thread copy"), "no parallel copy", said);
    return "4 at once";
  },
};

/** The server's tree as a remote one. */
async function rcloneCopy({ url }: Stored, target: string, ...more: readonly string[]): Promise<string> {
  const { origin, pathname } = new URL(url);
  const remote = ["--http-url", origin, `:http:${decodeURIComponent(pathname.slice(1))}`];
  const { code, errors } = await runTool("rclone", ["copyto", "-vv", ...more, ...remote, target]);
  expect(code === 0, "copyto", errors);
  return errors;
}

const ffmpegChecks: Checks = {
  link: (stage) => likeTheFile(stage, "film", "-map 0 -c copy -f md5"),
  address: (stage) => likeTheFile(stage, "song", "-map 0 -c copy -f md5"),
  /** To a frame and a second near the end, in a film whose index lies behind that. */
  async range(stage) {
    await likeTheFile(stage, "film", "-frames:v 1 -f framemd5", "-ss 19");
    await likeTheFile(stage, "song", "-t 0.5 -f md5", "-ss 19");
    return "-ss";
  },
};

async function likeTheFile(stage: Stage, name: "film" | "song", output: string, input = ""): Promise<void> {
  const file = stage.stored[name];
  if (file === null) throw new Error("ffmpeg is here, and its film is not");
  const read = (place: string) =>
    toolOutput("ffmpeg", ["-v", "error", ...words(input), "-i", place, ...words(output), "-"]);
  const [here, there] = [await read(file.path), await read(name === "film" ? await stage.link(file) : file.url)];
  expect(here.length > 0 && here === there, `${name} from ${input}: ${here} was wanted`, there);
}

const words = (text: string) => (text === "" ? [] : text.split(" "));

type Fetching = (url: string, target: string) => Promise<unknown>;

function wholeBy(fetching: Fetching): Required<Pick<Checks, "link" | "address">> {
  return {
    link: async (stage) => whole(stage, stage.stored.large, await stage.link(stage.stored.large), fetching),
    address: (stage) => whole(stage, stage.stored.picture, stage.stored.picture.url, fetching),
  };
}

async function whole(stage: Stage, file: Stored, url: string, fetching: Fetching): Promise<void> {
  const target = await stage.target();
  await fetching(url, target);
  await expectSame(target, file);
}

/** @returns the cell */
async function resume(stage: Stage, cell: string, fetching: Fetching): Promise<string> {
  const { large } = stage.stored;
  const half = await halfOf(stage, large);
  await fetching(await stage.link(large), half);
  await expectSame(half, large);
  return cell;
}

/** A file that is as new and as large as the one there is left as it is, whatever is in it. @returns the cell */
async function untouched(stage: Stage, cell: string, fetching: Fetching): Promise<string> {
  const { picture } = stage.stored;
  const target = await stage.target(basename(new URL(picture.url).pathname));
  await writeFile(target, Buffer.alloc(picture.size, "own"));
  await fetching(picture.url, target);
  expect((await readFile(target, "latin1")).startsWith("own"), "it was downloaded again");
  return cell;
}

/** @returns the cell */
async function savedUnderItsName(stage: Stage, fetching: Fetching): Promise<string> {
  const { odd } = stage.stored;
  const target = await stage.target(odd.name);
  await fetching(await stage.link(odd, "&disposition=attachment"), dirname(target));
  await stat(target);
  await expectSame(target, odd);
  return "saved as such";
}

const tools = [
  { name: "curl", checks: curlChecks },
  { name: "wget", checks: wgetChecks },
  { name: "aria2", command: "aria2c", checks: aria2Checks },
  { name: "rclone", ask: "version", checks: rcloneChecks },
  { name: "ffmpeg", ask: "-version", checks: ffmpegChecks },
];

export const commandLineClients: readonly Client[] = tools.map(
  ({ name, command = name, ask = "--version", checks }) => ({
    name,
    source: `apt-get install ${name}`,
    async version() {
      const { code, output } = await runTool(command, [ask]);
      return code === 0 ? (/\d+(?:\.\d+)+/.exec(output)?.[0] ?? "unknown") : null;
    },
    checks,
  }),
);
