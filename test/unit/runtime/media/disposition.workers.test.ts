import { describe, expect, test } from "vitest";
import { formatDisposition, isDisposition, readDisposition } from "../../../../src/runtime/media/disposition.ts";

describe("written", () => {
  test.each([
    ["a.png", 'attachment; filename="a.png"'],
    ["my photo.png", 'attachment; filename="my photo.png"'],
    ["ä.txt", "attachment; filename=\"_.txt\"; filename*=UTF-8''%C3%A4.txt"],
    ["a\u0308.txt", "attachment; filename=\"_.txt\"; filename*=UTF-8''%C3%A4.txt"],
    ["👩‍👧.txt", "attachment; filename=\"___.txt\"; filename*=UTF-8''%F0%9F%91%A9%E2%80%8D%F0%9F%91%A7.txt"],
    [
      'a"; filename="b.exe',
      "attachment; filename=\"a_; filename=_b.exe\"; filename*=UTF-8''a%22%3B%20filename%3D%22b.exe",
    ],
    ["100%41.txt", "attachment; filename=\"100_41.txt\"; filename*=UTF-8''100%2541.txt"],
    ["a\r\nSet-Cookie: b=c", 'attachment; filename="aSet-Cookie: b=c"'],
    ["a\u0000\u0007\u007f\u0085.txt", 'attachment; filename="a.txt"'],
    ["gpj.\u202eexe", 'attachment; filename="gpj.exe"'],
    ["\u2066a\u2069\u200e\u061c\ufeff\u2028.b", 'attachment; filename="a.b"'],
    ["../../etc/passwd", 'attachment; filename="passwd"'],
    ["C:\\a\\b.txt", 'attachment; filename="b.txt"'],
    ["\ud800.txt", "attachment; filename=\"_.txt\"; filename*=UTF-8''%EF%BF%BD.txt"],
    ["  ", 'attachment; filename="unnamed"'],
    ["\u202e", 'attachment; filename="unnamed"'],
    ["", 'attachment; filename="unnamed"'],
    [`${"a".repeat(300)}.txt`, `attachment; filename="${"a".repeat(251)}.txt"`],
    ["'()*!.txt", 'attachment; filename="\'()*!.txt"'],
    ["ä'()*!", "attachment; filename=\"_'()*!\"; filename*=UTF-8''%C3%A4%27%28%29%2A%21"],
  ])("%j", (fileName, header) => {
    const written = formatDisposition({ kind: "attachment", fileName });
    expect(written).toBe(header);
    // A header it is, whatever the name was.
    expect(new Headers({ "Content-Disposition": written }).get("Content-Disposition")).toBe(header);
    expect(isDisposition(written)).toBe(true);
  });

  test("without a name", () => {
    expect(formatDisposition({ kind: "inline", fileName: null })).toBe("inline");
  });
});

describe("read", () => {
  test.each([
    ["inline", "inline", null],
    ["ATTACHMENT", "attachment", null],
    ["attachment; filename=a.txt", "attachment", "a.txt"],
    ['attachment;filename="a b.txt"', "attachment", "a b.txt"],
    ['inline ; FileName="a\\"b\\\\c"', "inline", 'a"b\\c'],
    ['attachment; filename="ä.txt"', "attachment", "ä.txt"],
    ['attachment; filename=""', "attachment", ""],
    ["attachment; filename*=UTF-8''%C3%A4.txt", "attachment", "ä.txt"],
    ["attachment; filename*=utf-8'de'%e4%ba%ba; filename=x", "attachment", "人"],
    ["attachment; filename=x; filename*=UTF-8''y", "attachment", "y"],
  ])("%s", (text, kind, fileName) => {
    expect(readDisposition(text)).toEqual({ kind, fileName });
  });

  test.each([
    "",
    "form-data",
    "inlined",
    "attachment, inline",
    " inline",
    "inline ",
    "inline;",
    "attachment; filename",
    "attachment; filename=",
    "attachment; filename=a b",
    'attachment; filename="a',
    'attachment; filename="a"b',
    "attachment; filename=a; filename=b",
    "attachment; size=1",
    "attachment; filename*=a",
    "attachment; filename*=\"UTF-8''a\"",
    "attachment; filename*=ISO-8859-1''%E4",
    "attachment; filename*=UTF-8''%E4",
    "attachment; filename*=UTF-8''%",
    "attachment\r\nSet-Cookie: a=b",
  ])("nothing from %j", (text) => {
    expect(readDisposition(text)).toBeNull();
  });

  test("a long hostile value is read in no time worth speaking of", () => {
    expect(readDisposition(`attachment; filename="${"\\".repeat(100_001)}`)).toBeNull();
    expect(readDisposition(`attachment${" ; ".repeat(50_000)}`)).toBeNull();
  });
});
