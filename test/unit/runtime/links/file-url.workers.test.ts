import { describe, expect, test } from "vitest";
import { fileUrl, readFileKey } from "../../../../src/runtime/links/file-url.ts";
import { readObjectKey, type ObjectKey } from "../../../../src/runtime/storage/object-key.ts";

const origin = "https://files.example";

function key(text: string): ObjectKey {
  return readObjectKey(text)!;
}

describe("a file's address", () => {
  test.each([
    ["a.png", "/files/a.png"],
    ["users/42/a.png", "/files/users/42/a.png"],
    ["a b+c%2F(d)!*'.png", "/files/a%20b%2Bc%252F%28d%29%21%2A%27.png"],
    ["ä/日本/👩.txt", "/files/%C3%A4/%E6%97%A5%E6%9C%AC/%F0%9F%91%A9.txt"],
    ["me@x.com/?#&=.-_~", "/files/me%40x.com/%3F%23%26%3D.-_~"],
    ["...", "/files/..."],
    ["%2e%2e/x", "/files/%252e%252e/x"],
  ])("%s", (text, path) => {
    expect(fileUrl(origin, key(text))).toBe(origin + path);
    // As a client's and the Worker's URL parsers hand it on.
    expect(new URL(origin + path).pathname).toBe(path);
    expect(readFileKey(path)).toBe(text);
  });

  test.each([
    ["", "no path"],
    ["/", "no prefix"],
    ["/files", "no key"],
    ["/files/", "an empty key"],
    ["/Files/a", "another prefix"],
    ["/files//a", "an empty segment"],
    ["/files/a/", "a slash at the end"],
    ["/files/a%2Fb", "an encoded slash"],
    ["/files/a%2fb", "an encoded slash"],
    ["/files/a%5Cb", "a backslash"],
    ["/files/../a", "dots"],
    ["/files/%2E%2E/a", "encoded dots"],
    ["/files/%", "a bare percent sign"],
    ["/files/%4", "half an octet"],
    ["/files/%GG", "no hex"],
    ["/files/%C0%AFa", "overlong UTF-8"],
    ["/files/%C0%AE%C0%AE/a", "overlong dots"],
    ["/files/%ED%A0%80", "a surrogate"],
    ["/files/%FF", "no UTF-8"],
    ["/files/%00", "a NUL"],
    ["/files/a%0A", "a line feed"],
    ["/files/%E2%80%AEa", "a direction override"],
    [`/files/${"a".repeat(256)}`, "a long segment"],
  ])("%s is none: %s", (path) => {
    expect(readFileKey(path)).toBeNull();
  });

  test.each([
    ["/files/%61", "a"],
    ["/files/%c3%a4", "ä"],
    ["/files/a b", "a b"],
    ["/files/a+b@c'!(d)", "a+b@c'!(d)"],
    ["/files/ä", "ä"],
  ])("%s is %s, spelt otherwise", (path, key) => {
    expect(readFileKey(path)).toBe(key);
  });

  test("reads back whatever it writes, and nothing else", () => {
    const alphabet = Array.from("aZ09-._~ %+'()*!&=?#@:;,$[]{}|^`\"<>äß漢👩\u2028\u00a0");
    for (let round = 0; round < 2000; round++) {
      const text = Array.from(
        { length: 1 + (round % 9) },
        (_, at) => alphabet[(round * 31 + at * 17 + round ** 2) % alphabet.length],
      );
      const joined = text.join("");
      const made = readObjectKey(joined);
      if (made === null) continue;
      const { pathname } = new URL(fileUrl(origin, made));
      expect(readFileKey(pathname)).toBe(joined);
    }
  });
});
