import { describe, expect, test } from "vitest";
import { BUFFER_BYTES } from "../../../../src/runtime/multipart/body-window.ts";
import { defaultMultipartLimits, readMultipart } from "../../../../src/runtime/multipart/read-multipart.ts";
import type { MultipartLimits } from "../../../../src/runtime/multipart/read-multipart.ts";
import { bytesOf, byteStream, chunkSizes, plainStream, platformStream, readBody } from "./streams.ts";

const part = (headers: string, content = "x"): string => `--b\r\n${headers}\r\n\r\n${content}\r\n`;
const disposition = 'Content-Disposition: form-data; name="n"';
const named = (name: string): string => part(`Content-Disposition: form-data; name="${name}"`);
const filed = (parameter: string): string => part(`${disposition}; ${parameter}`);
const last = "--b--";

interface Row {
  readonly title: string;
  readonly limits: Partial<MultipartLimits>;
  readonly fits: string;
  readonly over: string;
}

const rows: readonly Row[] = [
  { title: "maxParts", limits: { maxParts: 3 }, fits: named("a").repeat(3) + last, over: named("a").repeat(4) + last },
  { title: "maxParts: 0", limits: { maxParts: 0 }, fits: last, over: named("a") + last },
  {
    title: "maxBodyBytes, epilogue and preamble included",
    limits: { maxBodyBytes: 200 },
    fits: `\r\n${named("a")}${last}\r\n`.padEnd(200, "e"),
    over: `\r\n${named("a")}${last}\r\n`.padEnd(201, "e"),
  },
  {
    title: "maxBodyBytes in a file",
    limits: { maxBodyBytes: 1_000 },
    fits: part(disposition, "x".repeat(1_000 - part(disposition, "").length - last.length)) + last,
    over: part(disposition, "x".repeat(1_001 - part(disposition, "").length - last.length)) + last,
  },
  {
    title: "maxHeaderBytes, the last break included",
    limits: { maxHeaderBytes: 100 },
    fits: part(`${disposition}\r\nX: `.padEnd(98, "y")) + last,
    over: part(`${disposition}\r\nX: `.padEnd(99, "y")) + last,
  },
  {
    title: "maxHeaderBytes, many lines",
    limits: { maxHeaderBytes: 42 + 60 },
    fits: part(disposition + "\r\nX:yz".repeat(10)) + last,
    over: part(disposition + "\r\nX:yz".repeat(11)) + last,
  },
  { title: "maxNameBytes", limits: { maxNameBytes: 4 }, fits: named("abcd") + last, over: named("abcde") + last },
  {
    title: "maxNameBytes in UTF-8",
    limits: { maxNameBytes: 4 },
    fits: named("\xc3\xa4\xc3\xb6") + last,
    over: named("\xc3\xa4\xc3\xb6x") + last,
  },
  {
    title: "maxNameBytes, decoded",
    limits: { maxNameBytes: 2 },
    fits: named("%22%22") + last,
    over: named("%22%22%22") + last,
  },
  {
    title: "maxFileNameBytes",
    limits: { maxFileNameBytes: 5 },
    fits: filed('filename="a.txt"') + last,
    over: filed('filename="ab.txt"') + last,
  },
  {
    title: "maxFileNameBytes, decoded",
    limits: { maxFileNameBytes: 3 },
    fits: filed("filename*=UTF-8''%e2%82%ac") + last,
    over: filed("filename*=UTF-8''%e2%82%acx") + last,
  },
];

describe("each limit: at it, and one over", () => {
  test.each(rows)("$title", async ({ limits, fits, over }) => {
    for (const size of chunkSizes) {
      for (const stream of [byteStream, plainStream]) {
        expect(await readBody(stream(bytesOf(fits), size), "b", limits)).toMatchObject({ code: null });
        expect(await readBody(stream(bytesOf(over), size), "b", limits)).toMatchObject({ code: "body_too_large" });
      }
    }
  });
});

test("a header without end is refused by its limit, not by the body's", async () => {
  const body = bytesOf(`--b\r\n${disposition}\r\nX: ${"y".repeat(2 ** 20)}`);
  for (const stream of [platformStream, plainStream]) {
    expect(await readBody(stream(body), "b")).toEqual({ parts: [], code: "body_too_large" });
  }
  const lines = bytesOf(`--b\r\n${"X: y\r\n".repeat(2 ** 17)}`);
  expect(await readBody(platformStream(lines), "b")).toEqual({ parts: [], code: "body_too_large" });
});

test("headers as long as the buffer can bear, again and again", async () => {
  const maxHeaderBytes = BUFFER_BYTES / 2;
  const padding = "y".repeat(maxHeaderBytes - disposition.length - 7);
  const body = part(`${disposition}\r\nX: ${padding}`).repeat(5) + last;
  for (const stream of [platformStream(bytesOf(body)), plainStream(bytesOf(body), 50_000)]) {
    const { parts, code } = await readBody(stream, "b", { maxHeaderBytes });
    expect({ code, count: parts.length }).toEqual({ code: null, count: 5 });
  }
  const limits = { ...defaultMultipartLimits, maxHeaderBytes: maxHeaderBytes + 1 };
  expect(() => readMultipart(platformStream(bytesOf(body)), "b", limits)).toThrow(RangeError);
});

test("10,000 parts", async () => {
  const body = Array.from({ length: 10_000 }, (_, index) => named(`n${index}`)).join("") + last;
  const { parts, code } = await readBody(platformStream(bytesOf(body)), "b", { maxParts: 10_000 });
  expect({ code, count: parts.length, name: parts[9_999]?.name }).toEqual({ code: null, count: 10_000, name: "n9999" });
  expect(await readBody(platformStream(bytesOf(body)), "b", { maxParts: 9_999 })).toMatchObject({
    code: "body_too_large",
  });
});

test("bodies made to slow the search down are read like any other", async () => {
  const boundary = "a".repeat(70);
  const file = `--${boundary}\r\n${disposition}\r\n\r\n`;
  for (const content of ["a", `\r\n--${"a".repeat(69)}`, `\r\n--${boundary}x`, `${"a".repeat(69)}b`, "\r\n--", "\r"]) {
    const body = bytesOf(`${file}${content.repeat(Math.ceil(1e6 / content.length))}\r\n--${boundary}--`);
    expect(await readBody(platformStream(body), boundary)).toMatchObject({ code: null, parts: { length: 1 } });
  }
});
