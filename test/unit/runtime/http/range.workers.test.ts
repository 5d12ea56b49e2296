import { expect, test } from "vitest";
import { readRange } from "../../../../src/runtime/http/range.ts";

test.each<[string | null, number, ReturnType<typeof readRange>]>([
  [null, 10, null],
  ["bytes=0-9", 10, { offset: 0, length: 10 }],
  ["bytes=0-0", 10, { offset: 0, length: 1 }],
  ["bytes=9-9", 10, { offset: 9, length: 1 }],
  ["bytes=3-5", 10, { offset: 3, length: 3 }],
  ["bytes=3-", 10, { offset: 3, length: 7 }],
  ["bytes=0-", 10, { offset: 0, length: 10 }],
  ["bytes=9-", 10, { offset: 9, length: 1 }],
  ["bytes=3-10", 10, { offset: 3, length: 7 }],
  ["bytes=3-99999999999999999999999999", 10, { offset: 3, length: 7 }],
  ["bytes=-1", 10, { offset: 9, length: 1 }],
  ["bytes=-10", 10, { offset: 0, length: 10 }],
  ["bytes=-11", 10, { offset: 0, length: 10 }],
  ["Bytes=003-005", 10, { offset: 3, length: 3 }],
  ["bytes= 3-5 ", 10, { offset: 3, length: 3 }],
  ["bytes=10-", 10, "unsatisfiable"],
  ["bytes=10-11", 10, "unsatisfiable"],
  ["bytes=99999999999999999999999999-", 10, "unsatisfiable"],
  ["bytes=-0", 10, "unsatisfiable"],
  // Malformed: ignored.
  ["bytes=5-3", 10, null],
  ["bytes=12-11", 10, null],
  ["bytes=-", 10, null],
  ["bytes=", 10, null],
  ["bytes", 10, null],
  ["", 10, null],
  ["bytes=a-b", 10, null],
  ["bytes=1-2-3", 10, null],
  ["bytes=--1", 10, null],
  ["bytes=+1-2", 10, null],
  ["bytes=1.0-2", 10, null],
  ["bytes=0x1-2", 10, null],
  ["bytes=٣-٥", 10, null],
  ["items=0-1", 10, null],
  // Several: the whole file.
  ["bytes=0-1,3-4", 10, null],
  ["bytes=0-1,0-1", 10, null],
  ["bytes=0-1,", 10, null],
  // Nothing of an empty file can be named.
  ["bytes=0-", 0, null],
  ["bytes=-1", 0, null],
  ["bytes=0-0", 1, { offset: 0, length: 1 }],
])("%s of %d bytes", (header, sizeBytes, range) => {
  expect(readRange(header, sizeBytes)).toEqual(range);
});
