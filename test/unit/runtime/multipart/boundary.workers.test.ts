import { describe, expect, test } from "vitest";
import { parseBoundary } from "../../../../src/runtime/multipart/boundary.ts";

const seventy = "b".repeat(70);

describe("parseBoundary", () => {
  test.each([
    ["multipart/form-data; boundary=b", "b"],
    ["Multipart/Form-Data;BOUNDARY=B", "B"],
    ['multipart/form-data; boundary="b"', "b"],
    ["multipart/form-data ; charset=utf-8 ; boundary=b ; x=y", "b"],
    ["multipart/form-data; boundary=b;", "b"],
    ['multipart/form-data; x="; boundary=a"; boundary=b', "b"],
    ['multipart/form-data; x="a\\"; boundary=a"; boundary=b', "b"],
    ["multipart/form-data; boundary=----WebKitFormBoundary7MA4YWxkTrZu0gW", "----WebKitFormBoundary7MA4YWxkTrZu0gW"],
    ["multipart/form-data; boundary====ab/c:d=?", "===ab/c:d=?"],
    ['multipart/form-data; boundary="a\'()+_,-./:=? b"', "a'()+_,-./:=? b"],
    ["multipart/form-data; boundary=*****", "*****"],
    [`multipart/form-data; boundary=${seventy}`, seventy],
    [`multipart/form-data; boundary="${seventy}"`, seventy],
  ])("%s", (contentType, boundary) => {
    expect(parseBoundary(contentType)).toBe(boundary);
  });

  test.each([
    "",
    "application/json",
    "multipart/mixed; boundary=b",
    "multipart/form-data2; boundary=b",
    "text/plain; multipart/form-data; boundary=b",
  ])("not a form: %s", (contentType) => {
    expect(parseBoundary(contentType)).toBeNull();
  });

  test.each([
    "multipart/form-data",
    "multipart/form-data;",
    "multipart/form-data; charset=utf-8",
    "multipart/form-data; boundary",
    "multipart/form-data; boundary=",
    'multipart/form-data; boundary=""',
    'multipart/form-data; boundary="b',
    'multipart/form-data; boundary="b "',
    'multipart/form-data; boundary="b\\c"',
    "multipart/form-data; boundary=b c",
    "multipart/form-data; boundary=b\u00e4",
    "multipart/form-data; boundary=b@",
    `multipart/form-data; boundary=${seventy}b`,
    `multipart/form-data; boundary="${seventy}b"`,
    "multipart/form-data; boundary=b; boundary=b",
    "multipart/form-data; boundary=b; Boundary=c",
    "multipart/form-data; boundary=b, multipart/form-data; boundary=b",
    'multipart/form-data; boundary="b\r\nc"',
  ])("refused: %s", (contentType) => {
    expect(() => parseBoundary(contentType)).toThrow(expect.objectContaining({ code: "body_malformed" }));
  });
});
