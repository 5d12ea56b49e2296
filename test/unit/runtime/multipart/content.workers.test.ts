import { describe, expect, test } from "vitest";
import { defaultMultipartLimits, readMultipart } from "../../../../src/runtime/multipart/read-multipart.ts";
import { BUFFER_BYTES } from "../../../../src/runtime/multipart/body-window.ts";
import {
  bytesOf,
  byteStream,
  chunkSizes,
  createRandom,
  joinBytes,
  pipedStream,
  plainStream,
  platformStream,
  readAll,
  readBody,
} from "./streams.ts";

const boundary = "----boundary-";
const fileHead = `--${boundary}\r\nContent-Disposition: form-data; name="f"; filename="f"\r\n\r\n`;
const last = `\r\n--${boundary}--\r\n`;

/** Bytes that look as much like delimiters as content may. */
function hostileBytes(random: (below: number) => number, length: number): Uint8Array {
  const pieces = [
    "\r",
    "\n",
    "\r\n",
    "-",
    "--",
    "\r\n--",
    "\r\n\r\n",
    `--${boundary}`,
    `\n--${boundary}\r\n`,
    "\x00",
    "\xff",
  ];
  let text = "";
  while (text.length < length) {
    const pick = random(4);
    if (pick === 0) text += `\r\n--${boundary}`.slice(0, 1 + random(boundary.length + 4)) + "x";
    else if (pick === 1) text += String.fromCharCode(random(256));
    else text += pieces[random(pieces.length)];
  }
  // The first line of content must not be a delimiter's, nor may the cut leave one.
  return bytesOf(`x${text.replaceAll(`\r\n--${boundary}\r\n`, "y")}`.slice(0, length));
}

describe("content comes out as it went in", () => {
  test.each([1, 2, 3, 4, 5])("hostile bytes, seed %i", async (seed) => {
    const random = createRandom(seed);
    const contents = Array.from({ length: 4 }, () => hostileBytes(random, random(600)));
    const parts = contents.flatMap((content) => [bytesOf(fileHead), content, bytesOf("\r\n")]);
    const body = joinBytes([...parts, bytesOf(`--${boundary}--`)]);
    for (const size of chunkSizes) {
      for (const stream of [byteStream, plainStream, pipedStream]) {
        const read = await readBody(stream(body, size), boundary);
        expect(read.code).toBeNull();
        expect(read.parts.map(({ bytes }) => bytes)).toEqual(contents);
      }
    }
  });

  test("a delimiter at every place around the end of the buffer", async () => {
    const delimiterBytes = last.length;
    const first = BUFFER_BYTES - fileHead.length - 2 * delimiterBytes;
    const random = createRandom(1);
    const content = new Uint8Array(BUFFER_BYTES).map(() => random(256));
    for (let length = first; length < first + 3 * delimiterBytes; length++) {
      const file = content.subarray(0, length);
      const body = joinBytes([
        bytesOf(fileHead),
        file,
        bytesOf("\r\n"),
        bytesOf(fileHead),
        file.subarray(0, 100),
        bytesOf(last),
      ]);
      for (const stream of [platformStream, plainStream]) {
        const { parts, code } = await readBody(stream(body), boundary);
        expect({ code, lengths: parts.map(({ bytes }) => bytes.byteLength) }, `${length}`).toEqual({
          code: null,
          lengths: [length, 100],
        });
        expect(crcOf(parts[0]?.bytes)).toBe(crcOf(file));
      }
    }
  });

  test("a file of many buffers, in uneven chunks", async () => {
    const random = createRandom(2);
    const file = new Uint8Array(5 * BUFFER_BYTES + 17).map(() => random(256));
    const body = joinBytes([bytesOf(fileHead), file, bytesOf(last)]);
    for (const stream of [
      byteStream(body, 10_007),
      plainStream(body, 300_001),
      pipedStream(body, 65_537),
      platformStream(body),
    ]) {
      const { parts, code } = await readBody(stream, boundary);
      expect(code).toBeNull();
      expect(parts[0]?.bytes.byteLength).toBe(file.byteLength);
      expect(crcOf(parts[0]?.bytes)).toBe(crcOf(file));
    }
  });

  test("views are on the buffer itself: nothing is copied", async () => {
    const body = joinBytes([bytesOf(fileHead), new Uint8Array(1000), bytesOf(last)]);
    for await (const part of readMultipart(platformStream(body), boundary, defaultMultipartLimits)) {
      const view = await part.body.read();
      expect(view?.byteLength).toBe(1000);
      expect(view?.buffer.byteLength).toBe(BUFFER_BYTES);
      expect(await part.body.read()).toBeNull();
      expect(await part.body.read()).toBeNull();
    }
  });
});

/** Comparing megabytes element by element is slow; a sum that depends on order will do. */
function crcOf(bytes: Uint8Array | undefined): number {
  let sum = 0;
  for (const byte of bytes ?? []) sum = (Math.imul(sum, 31) + byte) | 0;
  return sum;
}

describe("truncation", () => {
  const text = `${fileHead}first\r\n${fileHead}second, longer\r\n--${boundary}--`;
  const body = bytesOf(text);
  const firstEnds = text.indexOf("\r\n", text.indexOf("first") + 5) + 2 + 2 + boundary.length + 2;

  test.each([
    ["byte stream", byteStream],
    ["plain stream", plainStream],
    ["piped stream", pipedStream],
  ] as const)("at every byte: %s", async (_name, stream) => {
    for (let length = 0; length < body.byteLength; length++) {
      const { parts, code } = await readBody(stream(body.subarray(0, length), 64), boundary);
      expect({ length, code }).toEqual({ length, code: "body_malformed" });
      expect(parts.length, `${length}`).toBe(length >= firstEnds ? 1 : 0);
    }
    expect(await readBody(stream(body, 64), boundary)).toMatchObject({ code: null, parts: { length: 2 } });
  });

  test("the truncated part's own read says so, again and again, and so does the next part", async () => {
    const parts = readMultipart(platformStream(body.subarray(0, -5)), boundary, defaultMultipartLimits);
    await parts.next();
    const { value } = await parts.next();
    for (let time = 0; time < 2; time++) {
      await expect(readAll(value.body)).rejects.toMatchObject({ code: "body_malformed" });
    }
    await expect(parts.next()).rejects.toMatchObject({ code: "body_malformed" });
  });

  test("a stream that fails", async () => {
    const cause = new Error("connection lost");
    const failing = (): ReadableStream<Uint8Array> => {
      let sent = false;
      return new ReadableStream({
        type: "bytes",
        pull(controller) {
          if (sent) return controller.error(cause);
          sent = true;
          controller.enqueue(bytesOf(`${fileHead}half`));
        },
      });
    };
    await expect(readBody(failing(), boundary)).resolves.toEqual({ parts: [], code: "body_malformed" });
    const parts = readMultipart(failing(), boundary, defaultMultipartLimits);
    const { value } = await parts.next();
    await expect(readAll(value?.body)).rejects.toMatchObject({ cause });
  });
});
