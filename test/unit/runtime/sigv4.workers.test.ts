import { describe, expect, test } from "vitest";
import {
  canonicalQuery,
  credentialOf,
  formatSigningDate,
  readSigningDate,
  signatureOf,
  UNSIGNED_PAYLOAD,
} from "../../../src/runtime/sigv4.ts";
import * as suite from "./links/aws-signing-cases.ts";

const EMPTY_HASH = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";

function presigned(
  scope: Parameters<typeof credentialOf>[0],
  datetime: string,
  expires: string,
  headers: readonly (readonly [string, string])[],
): [string, string][] {
  return [
    // In no order: sorting is the signer's.
    ["X-Amz-SignedHeaders", headers.map(([name]) => name).join(";")],
    ["X-Amz-Expires", expires],
    ["X-Amz-Date", datetime],
    ["X-Amz-Credential", credentialOf(scope, datetime)],
    ["X-Amz-Algorithm", "AWS4-HMAC-SHA256"],
  ];
}

test("AWS's example of a presigned GET", async () => {
  // https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-query-string-auth.html
  const secret = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY";
  const scope = { accessKeyId: "AKIAIOSFODNN7EXAMPLE", secret, region: "us-east-1", service: "s3" };
  const headers = [["host", "examplebucket.s3.amazonaws.com"]] as const;
  const datetime = "20130524T000000Z";
  const parameters = presigned(scope, datetime, "86400", headers);
  const request = { method: "GET", path: "/test.txt", parameters, headers, payloadHash: UNSIGNED_PAYLOAD };
  for (const keepsKey of [true, true, false]) {
    expect(await signatureOf(scope, datetime, request, keepsKey)).toBe(
      "aeeed9bbccd4d02ee5c0109b86d86835f995330da4c265957d157751f604d404",
    );
  }
});

describe("AWS's test suite for signers", () => {
  const { region, service, datetime, expires } = suite;
  const scope = { ...suite.credentials, region, service };

  test.each(suite.signingCases)("$name", async ({ signature, ...given }) => {
    const headers = Object.entries({ host: suite.host, ...given.headers }).toSorted(([a], [b]) => (a < b ? -1 : 1));
    const parameters = [...presigned(scope, datetime, expires, headers), ...Object.entries(given.parameters ?? {})];
    const { method = "GET", path = "/", payloadHash = EMPTY_HASH } = given;
    expect(await signatureOf(scope, datetime, { method, path, parameters, headers, payloadHash })).toBe(signature);
  });

  test("has this many cases", () => {
    expect(suite.signingCases).toHaveLength(38);
  });
});

describe("the canonical query", () => {
  test.each([
    [[], ""],
    [[["a", ""]], "a="],
    [
      [
        ["b", "1"],
        ["a", "2"],
        ["a", "1"],
      ],
      "a=1&a=2&b=1",
    ],
    // Upper case sorts before lower, and a name before a longer one that begins with it.
    [
      [
        ["ab", ""],
        ["a-b", ""],
        ["a", "z"],
        ["B", ""],
      ],
      "B=&a=z&a-b=&ab=",
    ],
    [[["a b+c", "/?&=%!'()*~ä👩"]], "a%20b%2Bc=%2F%3F%26%3D%25%21%27%28%29%2A~%C3%A4%F0%9F%91%A9"],
  ] as [[string, string][], string][])("of %j", (parameters, text) => {
    expect(canonicalQuery(parameters)).toBe(text);
    expect(canonicalQuery(parameters.toReversed())).toBe(text);
  });
});

test("a signing date is read as it is written", () => {
  const date = new Date("2024-02-29T23:59:59.999Z");
  expect(formatSigningDate(date)).toBe("20240229T235959Z");
  expect(readSigningDate("20240229T235959Z")?.toISOString()).toBe("2024-02-29T23:59:59.000Z");
  for (const text of ["20230229T000000Z", "20240229T235960Z", "20240229T235959", "2024-02-29T23:59:59Z", ""]) {
    expect(readSigningDate(text)).toBeNull();
  }
});
