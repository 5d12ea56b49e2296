import { describe, expect, test } from "vitest";
import type { ByteSource } from "../../../../src/runtime/bytes.ts";
import { readText, type TextLimits } from "../../../../src/runtime/multipart/read-text.ts";
import { tooLarge } from "../../../../src/runtime/multipart/refusals.ts";
import { bytesOf, chunkSizes } from "./streams.ts";

/** One recycled byte buffer, as the contract of a ByteSource allows. */
function sourceOf(bytes: Uint8Array, chunkSize: number): ByteSource {
  let at = 0;
  const buffer = new Uint8Array(Math.min(chunkSize, bytes.byteLength));
  return {
    read: async () => {
      const chunk = bytes.subarray(at, Math.min(at + buffer.byteLength, bytes.byteLength));
      at += chunk.byteLength;
      buffer.set(chunk);
      return chunk.byteLength === 0 ? null : buffer.subarray(0, chunk.byteLength);
    },
  };
}

/** Text of so many bytes, which are counted. */
function upTo(maxBytes: number): TextLimits & { readonly kept: () => number } {
  let kept = 0;
  return {
    what: "The text",
    maxBytes,
    tooLong: () => tooLarge("too long", maxBytes),
    keep: (bytes) => void (kept += bytes),
    kept: () => kept,
  };
}

describe("readText", () => {
  test.each(["", "plain", "Größe €\u{1f600}", "\ufeffmark", "a\0b", "line\r\nbreak"])("%j", async (text) => {
    const bytes = new TextEncoder().encode(text);
    for (const size of chunkSizes) {
      const limits = upTo(bytes.byteLength);
      expect(await readText(sourceOf(bytes, size), limits)).toBe(text);
      expect(limits.kept()).toBe(bytes.byteLength);
      if (bytes.byteLength === 0) continue;
      const over = readText(sourceOf(bytes, size), upTo(bytes.byteLength - 1));
      await expect(over).rejects.toMatchObject({ code: "body_too_large", members: { limit: bytes.byteLength - 1 } });
    }
  });

  test.each(["\xff", "a\xc3", "\xe2\x82", "\xc0\xaf", "\xed\xa0\x80", "\xf4\x90\x80\x80"])(
    "not UTF-8: %j",
    async (text) => {
      for (const size of chunkSizes) {
        await expect(readText(sourceOf(bytesOf(text), size), upTo(100))).rejects.toMatchObject({
          code: "body_malformed",
        });
      }
    },
  );

  test("nothing is kept that the reader's keeper refuses", async () => {
    const refusal = new Error("full");
    const keep = () => {
      throw refusal;
    };
    await expect(readText(sourceOf(bytesOf("text"), 4), { ...upTo(100), keep })).rejects.toBe(refusal);
  });

  test("what the source throws", async () => {
    const error = new Error("gone");
    await expect(readText({ read: () => Promise.reject(error) }, upTo(1))).rejects.toBe(error);
  });
});
