import { describe, expect, test } from "vitest";
import { isNotModified, isRangeCurrent, meetsPreconditions } from "../../../../src/runtime/http/conditional.ts";

const validators = { etag: '"abc"', lastModified: new Date("1994-11-06T08:49:37Z") };
const none = { ...validators, etag: null };

describe("If-None-Match", () => {
  test.each([
    ['"abc"', true],
    ['W/"abc"', true],
    ['"x", "abc"', true],
    ['"x" ,W/"abc",', true],
    ['"a,b", "abc"', true],
    ["*", true],
    [" * ", true],
    ['"x"', false],
    ['"ABC"', false],
    ["abc", false],
    ['"abc', false],
    ['"x,"', false],
    ["", false],
  ])("%s", (value, matches) => {
    expect(isNotModified(new Headers({ "If-None-Match": value }), validators)).toBe(matches);
  });

  test("is all that counts when it is there", () => {
    const headers = new Headers({ "If-None-Match": '"x"', "If-Modified-Since": "Sun, 06 Nov 1994 08:49:37 GMT" });
    expect(isNotModified(headers, validators)).toBe(false);
  });

  test("without a tag only the star matches", () => {
    expect(isNotModified(new Headers({ "If-None-Match": '"abc"' }), none)).toBe(false);
    expect(isNotModified(new Headers({ "If-None-Match": "*" }), none)).toBe(true);
  });
});

describe("If-Modified-Since", () => {
  test.each([
    ["Sun, 06 Nov 1994 08:49:37 GMT", true],
    ["Sunday, 06-Nov-94 08:49:37 GMT", true],
    ["Sun Nov  6 08:49:37 1994", true],
    ["Sun, 06 Nov 1994 08:49:38 GMT", true],
    ["Sun, 06 Nov 1994 08:49:36 GMT", false],
    ["Sun Nov  6 08:49:36 1994", false],
    ["Fri, 30 Feb 2035 25:00:00 GMT", false],
    ["2035-01-01", false],
    ["tomorrow", false],
    ["", false],
  ])("%s", (value, matches) => {
    expect(isNotModified(new Headers({ "If-Modified-Since": value }), validators)).toBe(matches);
  });

  test("neither header", () => {
    expect(isNotModified(new Headers(), validators)).toBe(false);
  });
});

describe("If-Range", () => {
  test.each([
    ['"abc"', true],
    ["Sun, 06 Nov 1994 08:49:37 GMT", true],
    ['W/"abc"', false],
    ['"x"', false],
    ['"abc", "x"', false],
    ["*", false],
    ["Sun, 06 Nov 1994 08:49:36 GMT", false],
    ["Sun, 06 Nov 1994 08:49:38 GMT", false],
    ["Sunday, 06-Nov-94 08:49:37 GMT", false],
    ["", false],
  ])("%s", (value, holds) => {
    expect(isRangeCurrent(new Headers({ "If-Range": value }), validators)).toBe(holds);
  });

  test("absent", () => {
    expect(isRangeCurrent(new Headers(), none)).toBe(true);
    expect(isRangeCurrent(new Headers({ "If-Range": '"abc"' }), none)).toBe(false);
  });
});

describe("If-Match and If-Unmodified-Since", () => {
  test.each<[Record<string, string>, boolean]>([
    [{}, true],
    [{ "If-Match": '"abc"' }, true],
    [{ "If-Match": '"x", "abc"' }, true],
    [{ "If-Match": "*" }, true],
    [{ "If-Match": 'W/"abc"' }, false],
    [{ "If-Match": '"x"' }, false],
    [{ "If-Match": "" }, false],
    [{ "If-Match": '"abc"', "If-Unmodified-Since": "Sat, 05 Nov 1994 08:49:37 GMT" }, true],
    [{ "If-Match": '"x"', "If-Unmodified-Since": "Sun, 06 Nov 1994 08:49:37 GMT" }, false],
    [{ "If-Unmodified-Since": "Sun, 06 Nov 1994 08:49:37 GMT" }, true],
    [{ "If-Unmodified-Since": "Sun, 06 Nov 1994 08:49:36 GMT" }, false],
    [{ "If-Unmodified-Since": "yesterday" }, true],
  ])("%j", (headers, isMet) => {
    expect(meetsPreconditions(new Headers(headers), validators)).toBe(isMet);
  });

  test("without a tag only the star matches", () => {
    expect(meetsPreconditions(new Headers({ "If-Match": '"abc"' }), none)).toBe(false);
    expect(meetsPreconditions(new Headers({ "If-Match": "*" }), none)).toBe(true);
  });
});
