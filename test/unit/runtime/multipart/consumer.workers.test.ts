import { describe, expect, test } from "vitest";
import { defaultMultipartLimits, readMultipart } from "../../../../src/runtime/multipart/read-multipart.ts";
import type { Part } from "../../../../src/runtime/multipart/read-multipart.ts";
import { bytesOf, byteStream, pipedStream, plainStream, platformStream, readAll } from "./streams.ts";

const file = (name: string, length: number): string =>
  `--b\r\nContent-Disposition: form-data; name="${name}"; filename="${name}"\r\n\r\n${"x".repeat(length)}\r\n`;
const big = bytesOf(`${file("a", 1_000_000)}${file("b", 1_000_000)}${file("c", 3)}--b--\r\n`);

function open(body: ReadableStream<Uint8Array>, maxBodyBytes = 2 ** 30): AsyncGenerator<Part> {
  return readMultipart(body, "b", { ...defaultMultipartLimits, maxBodyBytes });
}

interface Watched {
  readonly body: ReadableStream<Uint8Array>;
  readonly pulled: () => number;
  readonly cancelled: Promise<unknown>;
}

/** Gives `bytes` in pieces, then nothing more, and tells what was asked of it. Asks for nothing ahead. */
function watch(bytes: Uint8Array, chunkSize: number, type?: "bytes"): Watched {
  let at = 0;
  let report: (reason: unknown) => void = () => undefined;
  const cancelled = new Promise((resolve) => (report = resolve));
  const pull = (controller: { enqueue(chunk: Uint8Array): void }): void | Promise<void> => {
    if (at >= bytes.byteLength) return new Promise(() => undefined);
    controller.enqueue(bytes.slice(at, at + chunkSize));
    at += chunkSize;
  };
  const body =
    type === "bytes"
      ? new ReadableStream({ type, pull, cancel: report })
      : new ReadableStream<Uint8Array>({ pull, cancel: report }, { highWaterMark: 0 });
  return { body, pulled: () => at, cancelled };
}

describe.each([
  ["platform stream", platformStream],
  ["byte stream", (bytes: Uint8Array) => byteStream(bytes, 40_000)],
  ["plain stream", (bytes: Uint8Array) => plainStream(bytes, 40_000)],
] as const)("a consumer of a %s that reads", (_name, stream) => {
  test("nothing sees every part", async () => {
    const names: string[] = [];
    for await (const part of open(stream(big))) names.push(part.name);
    expect(names).toEqual(["a", "b", "c"]);
  });

  test("half of each", async () => {
    const names: string[] = [];
    for await (const part of open(stream(big))) {
      expect((await part.body.read())?.byteLength).toBeGreaterThan(0);
      names.push(part.name);
    }
    expect(names).toEqual(["a", "b", "c"]);
  });

  test("everything", async () => {
    const lengths: number[] = [];
    for await (const part of open(stream(big))) lengths.push((await readAll(part.body)).byteLength);
    expect(lengths).toEqual([1_000_000, 1_000_000, 3]);
  });

  test("after the part: null where it was read to its end, an error where it was not", async () => {
    const parts = open(stream(big));
    const first = (await parts.next()).value as Part;
    await readAll(first.body);
    const second = (await parts.next()).value as Part;
    expect(await first.body.read()).toBeNull();
    await second.body.read();
    await parts.next();
    await expect(second.body.read()).rejects.toThrow("can no longer be read");
    await parts.return(undefined);
  });

  test("nothing is still counted", async () => {
    const names: string[] = [];
    const reading = (async () => {
      for await (const part of open(stream(big), 1_500_000)) names.push(part.name);
    })();
    await expect(reading).rejects.toMatchObject({ code: "body_too_large", members: { limit: 1_500_000 } });
    expect(names).toEqual(["a", "b"]);
  });

  test("to the end unlocks the stream", async () => {
    const body = stream(big);
    for await (const part of open(body)) await readAll(part.body);
    expect(body.locked).toBe(false);
    expect(await body.getReader().read()).toMatchObject({ done: true });
  });
});

describe.each([["bytes"], [undefined]] as const)("a watched stream of type %s", (type) => {
  test("nothing is read before the first part is asked for, nor ahead of the consumer", async () => {
    const { body, pulled } = watch(big, 1_000, type);
    const parts = open(body);
    await scheduler.wait(1);
    expect(pulled()).toBe(0);
    expect(body.locked).toBe(false);
    await parts.next();
    const before = pulled();
    expect(before).toBeLessThan(100_000);
    await scheduler.wait(1);
    expect(pulled()).toBe(before);
    await parts.return(undefined);
  });

  test("an early return cancels it", async () => {
    const { body, cancelled } = watch(big, 1_000, type);
    for await (const part of open(body)) {
      await part.body.read();
      break;
    }
    expect(await cancelled).toBeDefined();
    expect(body.locked).toBe(false);
  });

  test("a consumer that throws cancels it", async () => {
    const { body, cancelled } = watch(big, 1_000, type);
    const reading = (async () => {
      for await (const part of open(body)) throw new Error(part.name);
    })();
    await expect(reading).rejects.toThrow("a");
    await cancelled;
  });

  test("a malformed part cancels it", async () => {
    const { body, cancelled } = watch(bytesOf(`--b\r\nno header\r\n\r\n${"x".repeat(200_000)}`), 1_000, type);
    await expect(open(body).next()).rejects.toMatchObject({ code: "body_malformed" });
    await cancelled;
  });

  test("a body over its limit cancels it, also when the consumer stops there", async () => {
    const { body, cancelled } = watch(big, 1_000, type);
    const { value } = await open(body, 300_000).next();
    await expect(readAll(value.body)).rejects.toMatchObject({ code: "body_too_large" });
    await cancelled;
    await expect(value.body.read()).rejects.toMatchObject({ code: "body_too_large" });
  });

  test("a return while a read is waiting ends both", async () => {
    const { body, cancelled } = watch(bytesOf(file("a", 100_000)), 1_000, type);
    const parts = open(body);
    const { value } = await parts.next();
    const reading = expect(readAll(value.body)).rejects.toMatchObject({ code: "body_malformed" });
    await scheduler.wait(1);
    await parts.return(undefined);
    await cancelled;
    await reading;
  });
});

test("a slow client: one byte at a time", async () => {
  const body = bytesOf(`${file("a", 2_000)}${file("b", 0)}--b--\r\n`);
  const seen: [string, number][] = [];
  for await (const part of open(pipedStream(body, 1))) seen.push([part.name, (await readAll(part.body)).byteLength]);
  expect(seen).toEqual([
    ["a", 2_000],
    ["b", 0],
  ]);
});

test("a slow client's bytes are handed on before the body has ended", async () => {
  const { readable, writable } = new IdentityTransformStream();
  const writer = writable.getWriter();
  const sending = writer.write(bytesOf(file("a", 100_000)));
  const parts = open(readable);
  const { value } = await parts.next();
  expect((await value.body.read())?.byteLength).toBeGreaterThan(0);
  await parts.return(undefined);
  await sending.catch(() => undefined);
});
