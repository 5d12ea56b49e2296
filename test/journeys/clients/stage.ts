/** What all clients meet: a running Worker, files to send, and files that are there already. */
import { execFile } from "node:child_process";
import { createHash } from "node:crypto";
import { openAsBlob } from "node:fs";
import { copyFile, mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { promisify } from "node:util";
import { startServer } from "../../support/node/server.ts";
import { expect, type Headers } from "./client.ts";

/** The most that the file API takes unless a setting says otherwise. */
const LARGE_BYTES = 20 * 1024 * 1024;
const WAVE_HEADER_BYTES = 44;

export interface Sample {
  readonly path: string;
  /** As the client is to send it. */
  readonly name: string;
  readonly type: string;
  readonly size: number;
  readonly sha256: string;
}

/** A file of the runtime. */
export interface Stored extends Sample {
  readonly id: string;
  /** Its public address. */
  readonly url: string;
}

export interface Stage {
  readonly origin: string;
  /** Of calls to the file API. */
  readonly headers: Headers;
  readonly samples: { readonly picture: Sample; readonly odd: readonly Sample[]; readonly large: Sample };
  /** `large` and `odd` are private. The films are null where nothing can make them. */
  readonly stored: {
    readonly picture: Stored;
    readonly odd: Stored;
    readonly large: Stored;
    readonly publicLarge: Stored;
    readonly film: Stored | null;
    readonly song: Stored | null;
  };
  /** A new signed link. @param query more of its parameters */
  link(file: Stored, query?: string): Promise<string>;
  /** A path that nothing has yet, in a folder of its own. */
  target(name?: string): Promise<string>;
  close(): Promise<void>;
}

/** @param origins of the pages that call from browsers */
export async function setStage(origins: string): Promise<Stage> {
  const folder = await mkdtemp(join(tmpdir(), "sluice-clients-"));
  const samples = await writeSamples(folder);
  const films = await makeFilms(folder);
  const server = await startServer({ ALLOWED_ORIGINS: origins });
  const headers = { Authorization: `Bearer ${await server.token("client")}` };
  const store = (sample: Sample, way: "" | "/private") => upload(`${server.origin}/v1/upload${way}`, headers, sample);
  const first = samples.odd[0];
  if (first === undefined) throw new Error("There is no odd name");
  let targets = 0;
  return {
    origin: server.origin,
    headers,
    samples,
    stored: {
      picture: await store(samples.picture, ""),
      odd: await store(first, "/private"),
      large: await store(samples.large, "/private"),
      publicLarge: await store(samples.large, ""),
      film: films && (await store(films.film, "/private")),
      song: films && (await store(films.song, "")),
    },
    async link(file, query = "") {
      const answer = await fetch(`${server.origin}/v1/upload/url/${file.id}?expires=600${query}`, { headers });
      return ((await answer.json()) as { readonly data: string }).data;
    },
    async target(name = "target") {
      const own = join(folder, `target-${String((targets += 1))}`);
      await mkdir(own);
      return join(own, name);
    },
    async close() {
      await server.close();
      await rm(folder, { recursive: true, force: true, maxRetries: 5 });
    },
  };
}

/** The names have what forms, headers and shells give a meaning. */
async function writeSamples(folder: string): Promise<Stage["samples"]> {
  const photo = new URL("../../support/photos/sunset-1600.jpg", import.meta.url).pathname;
  const write = async (name: string, type: string, bytes?: Uint8Array) => {
    const path = join(folder, name);
    await (bytes === undefined ? copyFile(photo, path) : writeFile(path, bytes));
    return describe(path, type);
  };
  const text = Buffer.from("Zwölf Boxkämpfer jagen Viktor quer über den großen Sylter Deich.\n".repeat(40));
  return {
    picture: await write("sunset.jpg", "image/jpeg"),
    odd: [
      await write("Ünïcode (1) 'q'.jpg", "image/jpeg"),
      await write('100% "naïve"; a=b, 日本 + 😀 & #1.txt', "text/plain", text),
    ],
    large: await write("large.wav", "audio/wav", waveOf(LARGE_BYTES)),
  };
}

/** Sound without a repetition: a range from the wrong place has other bytes. */
function waveOf(size: number): Uint8Array {
  const wave = Buffer.alloc(size);
  wave.write("RIFF\0\0\0\0WAVEfmt ", "latin1");
  wave.writeUInt32LE(size - 8, 4);
  const rate = 44_100;
  [16, 0x1_0001, rate, rate * 2, 0x10_0002].forEach((word, index) => wave.writeUInt32LE(word, 16 + index * 4));
  wave.write("data", 36, "latin1");
  wave.writeUInt32LE(size - WAVE_HEADER_BYTES, 40);
  let state = 1;
  for (let at = WAVE_HEADER_BYTES; at < size; at += 4) {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    wave.writeUInt32LE(state, at);
  }
  return wave;
}

/**
 * A film whose index is at its end, as cameras write it, so that nobody can show it without ranges, and a song. Null
 * without ffmpeg.
 */
async function makeFilms(folder: string): Promise<{ readonly film: Sample; readonly song: Sample } | null> {
  const make = async (name: string, type: string, parameters: string) => {
    const path = join(folder, name);
    await promisify(execFile)("ffmpeg", ["-v", "error", ...parameters.split(" "), path]);
    return describe(path, type);
  };
  const picture = "-f lavfi -i testsrc2=size=640x360:rate=25:duration=20";
  const sound = "-f lavfi -i sine=frequency=440:beep_factor=4:duration=20";
  try {
    return {
      film: await make("film.mp4", "video/mp4", `${picture} -c:v libx264 -preset ultrafast -g 50 -pix_fmt yuv420p`),
      song: await make("song.mp3", "audio/mpeg", `${sound} -c:a libmp3lame -b:a 192k`),
    };
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return null;
    throw error;
  }
}

async function describe(path: string, type: string): Promise<Sample> {
  const bytes = await readFile(path);
  return { path, name: basename(path), type, size: bytes.length, sha256: sha256(bytes) };
}

export const sha256 = (bytes: Uint8Array): string => createHash("sha256").update(bytes).digest("hex");

/** @throws Error where the file has other bytes */
export async function expectSame(path: string, { sha256: expected, name }: Sample): Promise<void> {
  const bytes = await readFile(path);
  expect(sha256(bytes) === expected, `other bytes than those of ${name}`, `${String(bytes.length)} bytes`);
}

interface FileAnswer {
  readonly status: string;
  readonly data: {
    readonly _id: string;
    readonly url: string;
    readonly type: string;
    readonly size: string;
    readonly meta: { readonly originalName: string; readonly checksumSha256: string };
  };
}

/** Compares what a client has read out of an answer with what it sent. @throws Error naming the difference */
export function readAnswer(status: number, body: unknown, sample: Sample): Stored {
  expect(status === 200, `status ${String(status)}`, body);
  const { status: word, data } = body as FileAnswer;
  expect(word === "success", "the answer is no success", body);
  const found = { name: data.meta.originalName, type: data.type, size: data.size, sha256: data.meta.checksumSha256 };
  const { name, type, size, sha256 } = sample;
  const sent = { name, type, size: String(size), sha256 };
  expect(JSON.stringify(found) === JSON.stringify(sent), `sent ${JSON.stringify(sent)}, stored`, found);
  return { ...sample, id: data._id, url: data.url };
}

async function upload(url: string, headers: Headers, sample: Sample): Promise<Stored> {
  const body = new FormData();
  body.append("file", await openAsBlob(sample.path, { type: sample.type }), sample.name);
  const answer = await fetch(url, { method: "POST", headers, body });
  return readAnswer(answer.status, await answer.json(), sample);
}
