import { describe, expect, test } from "vitest";
import { fileUrl } from "../../../../src/runtime/links/file-url.ts";
import { signLink, verifyLink, type LinkPlace, type LinkRequest } from "../../../../src/runtime/links/signed-link.ts";
import { noTerms } from "../../../../src/runtime/links/terms.ts";
import { Problem } from "../../../../src/contract/problem.ts";
import { readObjectKey } from "../../../../src/runtime/storage/object-key.ts";
import { presign } from "../../../support/sigv4-oracle.ts";
import { linkKey, placeOf } from "../../../support/secrets.ts";

const origin = "https://files.example";
const now = new Date("2026-10-20T12:00:00.000Z");
const base: LinkRequest = {
  base: origin,
  key: readObjectKey("users/42/a.png")!,
  method: "GET",
  expiresSeconds: 60,
  now,
};

function later(seconds: number): Date {
  return new Date(now.getTime() + seconds * 1000);
}

/** `open`, `none` or the code of the refusal. */
async function outcome(url: string, at = now, method = "GET", key = linkKey): Promise<string> {
  try {
    return (await verifyLink(key, new Request(url, { method }), at, placeOf(url))) === null ? "none" : "open";
  } catch (error) {
    if (error instanceof Problem) return error.code;
    throw error;
  }
}

/** A rightly signed link over claims that `signLink` would not make. */
function forge(changes: {
  datetime?: string;
  expires?: string;
  region?: string;
  extra?: Record<string, string>;
  path?: string;
}) {
  const { accessKeyId, secret } = linkKey;
  const link = {
    accessKeyId,
    secret,
    region: "auto",
    method: "GET",
    host: "files.example",
    path: "/files/users/42/a.png",
  };
  return presign({ ...link, datetime: "20261020T120000Z", expires: "60", ...changes }).then((path) => origin + path);
}

describe("against an independent SigV4", () => {
  test("which gives AWS's published signature", async () => {
    // https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-query-string-auth.html
    const path = await presign({
      accessKeyId: "AKIAIOSFODNN7EXAMPLE",
      secret: "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY",
      region: "us-east-1",
      method: "GET",
      host: "examplebucket.s3.amazonaws.com",
      path: "/test.txt",
      datetime: "20130524T000000Z",
      expires: "86400",
    });
    expect(path).toContain("X-Amz-Signature=aeeed9bbccd4d02ee5c0109b86d86835f995330da4c265957d157751f604d404");
  });

  test.each(["a.png", "a b+c%2F(d)!*'.png", "ä/日本/👩 ~.txt", "%2e%2e/%25/100%.csv", "me@x.com/a?b#c&d=e;f,g$h"])(
    "signs %s alike, and opens it",
    async (text) => {
      for (const method of ["GET", "HEAD"] as const) {
        const extra = {
          "response-content-disposition": 'attachment; filename="ä \'(1)*.txt"',
          "response-content-type": "text/plain",
        };
        const disposition = extra["response-content-disposition"];
        const key = readObjectKey(text)!;
        const plain = await signLink(linkKey, { ...base, key, method });
        const full = await signLink(linkKey, { ...base, key, method, disposition, type: "text/plain" });
        const host = "files.example";
        const link = {
          ...linkKey,
          region: "auto",
          method,
          host,
          path: `/files/${text}`,
          datetime: "20261020T120000Z",
          expires: "60",
        };
        expect(plain).toBe(origin + (await presign(link)));
        expect(full).toBe(origin + (await presign({ ...link, extra })));
        expect(await verifyLink(linkKey, new Request(plain, { method }), now, placeOf(plain))).toEqual({
          ...noTerms,
          key,
          type: null,
          expiresAt: later(60),
          epoch: 0,
          id: null,
          isBound: false,
        });
        expect(await verifyLink(linkKey, new Request(full, { method }), now, placeOf(full))).toMatchObject({
          disposition,
          type: "text/plain",
        });
      }
    },
  );

  test("with a port in the host", async () => {
    const url = await signLink(linkKey, { ...base, base: "http://localhost:8787" });
    expect(await outcome(url)).toBe("open");
    expect(await outcome(url.replace(":8787", ":8788"))).toBe("link_invalid");
  });
});

describe("where it opens", () => {
  const base = { base: "https://example.com/uploads", key: readObjectKey("users/42/a.png")!, expiresSeconds: 60, now };
  const open = async (url: string, place: LinkPlace) =>
    verifyLink(linkKey, new Request(url), now, place).then(
      (verdict) => (verdict === null ? "none" : verdict.key),
      (error: unknown) => (error instanceof Problem ? error.code : String(error)),
    );
  const behindProxy = { mount: "/media", base: "https://example.com/uploads" };

  test.each<[asked: string, place: LinkPlace, outcome: string]>([
    // A proxy has made another host and path of the public address.
    ["https://worker.internal/media", behindProxy, "users/42/a.png"],
    ["https://example.com/media", behindProxy, "users/42/a.png"],
    ["https://example.com/uploads", { ...behindProxy, mount: "/uploads" }, "users/42/a.png"],
    // It is no link for another deployment, wherever that is asked.
    ["https://worker.internal/media", { ...behindProxy, base: "https://example.com/other" }, "link_invalid"],
    ["https://worker.internal/media", { ...behindProxy, base: "https://worker.internal/media" }, "link_invalid"],
    ["http://worker.internal/media", { ...behindProxy, base: "http://example.com:8080/uploads" }, "link_invalid"],
    // What is not below the mount is no file.
    ["https://worker.internal/uploads", behindProxy, "link_invalid"],
    ["https://worker.internal", behindProxy, "link_invalid"],
  ])("signed for PUBLIC_BASE_URL, at %s for %j: %s", async (asked, place, outcome) => {
    const url = await signLink(linkKey, { ...base, method: "GET" });
    expect(await open(url.replace(base.base, asked), place)).toBe(outcome);
  });

  test("signed for the address that is asked, whatever PUBLIC_BASE_URL says since", async () => {
    const url = await signLink(linkKey, { ...base, base: "https://worker.example/media", method: "GET" });
    expect(await open(url, behindProxy)).toBe("users/42/a.png");
    expect(await open(url.replace("worker.example", "other.example"), behindProxy)).toBe("link_invalid");
  });
});

describe("what is bound", () => {
  test("a URL without signature parameters is none", async () => {
    expect(await outcome(`${origin}/files/a.png`)).toBe("none");
    expect(await outcome(`${origin}/files/a.png?v=2&response-content-type=text/plain&%`)).toBe("none");
  });

  test("each character of the address", async () => {
    const url = await signLink(linkKey, { ...base, disposition: "inline" });
    const start = origin.length;
    for (let at = start; at < url.length; at++) {
      const replacement = url[at] === "0" ? "1" : "0";
      const tampered = url.slice(0, at) + replacement + url.slice(at + 1);
      // Without its question mark the address carries no signature, and is another file's.
      expect([at, await outcome(tampered)]).toEqual([at, url[at] === "?" ? "none" : "link_invalid"]);
      const shortened = url.slice(0, at) + url.slice(at + 1);
      expect([at, await outcome(shortened)]).toEqual([at, url[at] === "?" ? "none" : "link_invalid"]);
    }
  });

  test("method, host and key", async () => {
    const get = await signLink(linkKey, base);
    const head = await signLink(linkKey, { ...base, method: "HEAD" });
    expect(await outcome(get, now, "HEAD")).toBe("open");
    expect(await outcome(head, now, "GET")).toBe("link_invalid");
    expect(await outcome(head, now, "HEAD")).toBe("open");
    expect(await outcome(get.replace("files.example", "other.example"))).toBe("link_invalid");
    expect(await outcome(get, now, "GET", { ...linkKey, secret: `${linkKey.secret}!` })).toBe("link_invalid");
    expect(await outcome(get, now, "GET", { ...linkKey, accessKeyId: "other" })).toBe("link_invalid");
    // The scheme is not: SigV4 signs the host.
    expect(await outcome(get.replace("https:", "http:"))).toBe("open");
  });

  test("a plus sign in the path is no space", async () => {
    const url = await signLink(linkKey, { ...base, key: readObjectKey("a b.png")! });
    expect(await outcome(url)).toBe("open");
    expect(await outcome(url.replace("a%20b", "a+b"))).toBe("link_invalid");
    expect(await outcome(url.replace("a%20b", "a%2Bb"))).toBe("link_invalid");
  });

  test("which parameters there are", async () => {
    const url = new URL(await signLink(linkKey, { ...base, disposition: "inline", type: "image/png" }));
    const pairs = url.search.slice(1).split("&");
    const open = (changed: readonly string[]) => outcome(`${url.origin}${url.pathname}?${changed.join("&")}`);
    expect(await open(pairs)).toBe("open");
    expect(await open(pairs.toReversed())).toBe("open");
    for (const [at, pair] of pairs.entries()) {
      const [name = "", value = ""] = pair.split("=");
      const swapped = (text: string) => pairs.with(at, text);
      expect([pair, "removed", await open(pairs.toSpliced(at, 1))]).toEqual([pair, "removed", "link_invalid"]);
      expect([pair, "repeated", await open([...pairs, pair])]).toEqual([pair, "repeated", "link_invalid"]);
      expect([pair, "emptied", await open(swapped(`${name}=`))]).toEqual([pair, "emptied", "link_invalid"]);
      expect([pair, "bare", await open(swapped(name))]).toEqual([pair, "bare", "link_invalid"]);
      const renamed = `${name.toLowerCase()}=${value}`;
      const isSame = renamed === pair;
      expect([pair, "renamed", await open(swapped(renamed))]).toEqual([
        pair,
        "renamed",
        isSame ? "open" : "link_invalid",
      ]);
      const encoded = `%${value.charCodeAt(0).toString(16).toUpperCase()}${value.slice(1)}`;
      expect([pair, "encoded", await open(swapped(`${name}=${encoded}`))]).toEqual([pair, "encoded", "open"]);
      const encodedName = `%${name.charCodeAt(0).toString(16)}${name.slice(1)}`;
      expect([pair, "name", await open(swapped(`${encodedName}=${value}`))]).toEqual([pair, "name", "link_invalid"]);
    }
    for (const extra of [
      "",
      "x=1",
      "x-id=GetObject",
      "X-Amz-Security-Token=x",
      "response-cache-control=public",
      "=",
      "a",
      "__proto__=1",
    ]) {
      expect([extra, await open([...pairs, extra])]).toEqual([extra, "link_invalid"]);
    }
    expect(await open(pairs.map((pair) => pair.replaceAll("%2F", "%2f")))).toBe("open");
    expect(await open(pairs.map((pair) => pair.replaceAll("%2F", "/")))).toBe("open");
    // As programs write it that read the query as a form.
    const form = new URL(`${url.origin}${url.pathname}?${new URLSearchParams(url.search).toString()}`);
    expect(await outcome(form.href)).toBe("open");
    const spaced = await signLink(linkKey, { ...base, disposition: 'attachment; filename="a b+c.png"' });
    const written = new URL(spaced);
    written.search = new URLSearchParams(written.search).toString();
    expect(written.search).toContain("+");
    expect(await outcome(written.href)).toBe("open");
  });

  test("any trace of a signature", async () => {
    for (const search of [
      "X-Amz-Signature=",
      "x-amz-signature=1",
      "X%2DAmz-Date=1",
      "X-Amz-Expires",
      "a=b&X-AMZ-ALGORITHM=x",
    ]) {
      expect([search, await outcome(`${origin}/files/a.png?${search}`)]).toEqual([search, "link_invalid"]);
    }
  });

  test("parameters that S3 knows and we do not, however well signed", async () => {
    expect(await outcome(await forge({}))).toBe("open");
    expect(await outcome(await forge({ extra: { "response-cache-control": "public" } }))).toBe("link_invalid");
    expect(await outcome(await forge({ extra: { "X-Amz-SignedHeaders": "host;range" } }))).toBe("link_invalid");
    expect(await outcome(await forge({ extra: { "X-Amz-Algorithm": "AWS4-HMAC-SHA1" } }))).toBe("link_invalid");
    expect(await outcome(await forge({ region: "us-east-1" }))).toBe("link_invalid");
    expect(await outcome(await forge({ path: "/files/../secret" }))).toBe("link_invalid");
  });
});

describe("time", () => {
  test("opens until its last second", async () => {
    const url = await signLink(linkKey, base);
    expect(await outcome(url, later(0))).toBe("open");
    expect(await outcome(url, later(59))).toBe("open");
    expect(await outcome(url, later(59.999))).toBe("open");
    expect(await outcome(url, later(60))).toBe("link_expired");
    expect(await outcome(url, later(61))).toBe("link_expired");
    expect(await outcome(url, later(365 * 86_400))).toBe("link_expired");
  });

  test("expired is only said of a right signature", async () => {
    const url = await signLink(linkKey, base);
    const last = url.endsWith("0") ? "1" : "0";
    expect(await outcome(url.slice(0, -1) + last, later(61))).toBe("link_invalid");
    expect(await outcome(url.slice(0, -1) + last, later(30 * 86_400))).toBe("link_invalid");
  });

  test("forgives a clock that runs five minutes ahead", async () => {
    const url = await signLink(linkKey, base);
    expect(await outcome(url, later(-299))).toBe("open");
    expect(await outcome(url, later(-300))).toBe("open");
    expect(await outcome(url, later(-301))).toBe("link_invalid");
  });

  test("is cut to the second when signed", async () => {
    const url = await signLink(linkKey, { ...base, now: later(0.999) });
    expect(await outcome(url, later(59.999))).toBe("open");
    expect(await outcome(url, later(60))).toBe("link_expired");
  });

  test("crosses midnight", async () => {
    const midnight = new Date("2026-10-21T00:00:00.000Z");
    const url = await signLink(linkKey, { ...base, now: new Date("2026-10-20T23:59:59.000Z") });
    expect(await outcome(url, midnight)).toBe("open");
  });

  test.each(["0", "-1", "604801", "abc", "+5", "05", "", "5.0", "1e3", " 5", "5 ", "٥", "9999999999"])(
    "no life of %s",
    async (expires) => {
      expect(await outcome(await forge({ expires }))).toBe("link_invalid");
    },
  );

  test("the shortest and the longest life", async () => {
    expect(await outcome(await forge({ expires: "1" }))).toBe("open");
    expect(await outcome(await forge({ expires: "1" }), later(1))).toBe("link_expired");
    expect(await outcome(await forge({ expires: "604800" }), later(604_799))).toBe("open");
    expect(await outcome(await forge({ expires: "604800" }), later(604_800))).toBe("link_expired");
  });

  test.each([
    "20261020T120000",
    "2026-10-20T12:00:00Z",
    "20260230T120000Z",
    "20261020T240000Z",
    "20261020T126000Z",
    "20261020t120000z",
    "20261320T120000Z",
    "",
  ])("no date of %s", async (datetime) => {
    expect(await outcome(await forge({ datetime }))).toBe("link_invalid");
  });
});

describe("signing", () => {
  test.each([0, -1, 604_801, 1.5, Number.NaN, Infinity])("refuses a life of %d s", async (expiresSeconds) => {
    await expect(signLink(linkKey, { ...base, expiresSeconds })).rejects.toThrow(RangeError);
  });

  test("refuses what no link may ask for", async () => {
    await expect(signLink(linkKey, { ...base, type: "text/html" })).rejects.toThrow(RangeError);
    await expect(signLink(linkKey, { ...base, type: "text/plain; charset=utf-7" })).rejects.toThrow(RangeError);
    await expect(signLink(linkKey, { ...base, disposition: "form-data" })).rejects.toThrow(RangeError);
  });

  test("is the permanent address with a query", async () => {
    expect((await signLink(linkKey, base)).split("?")[0]).toBe(fileUrl(origin, base.key));
  });
});
