import { describe, expect, test } from "vitest";
import { signLink, verifyLink } from "../../../../src/runtime/links/signed-link.ts";
import { Problem } from "../../../../src/contract/problem.ts";
import { readObjectKey } from "../../../../src/runtime/storage/object-key.ts";
import { linkKey, placeOf } from "../../../support/secrets.ts";

const now = new Date("2026-10-20T12:00:00.000Z");
const key = readObjectKey("users/42/a.png")!;
const base = { base: "https://files.example", key, method: "GET", expiresSeconds: 60, now } as const;

async function outcome(url: string, headers: Record<string, string>): Promise<string> {
  try {
    return (await verifyLink(linkKey, new Request(url, { headers }), now, placeOf(url))) === null ? "none" : "open";
  } catch (error) {
    // The reason is the log's alone.
    if (error instanceof Problem) return `${error.code} ${error.detail}`;
    throw error;
  }
}

describe.each(["203.0.113.7", "2001:db8::1"])("a link bound to %s", (address) => {
  const signed = signLink(linkKey, { ...base, address });

  test("opens from there, however the address is spelt", async () => {
    const url = await signed;
    expect(await outcome(url, { "CF-Connecting-IP": address })).toBe("open");
    expect(await outcome(url, { "CF-Connecting-IP": address.toUpperCase() })).toBe("open");
    if (address.includes(".")) expect(await outcome(url, { "CF-Connecting-IP": `::ffff:${address}` })).toBe("open");
  });

  test("from elsewhere is a link like any that does not match", async () => {
    const url = await signed;
    const wrong = await outcome(url.slice(0, -1) + (url.endsWith("0") ? "1" : "0"), { "CF-Connecting-IP": address });
    for (const headers of [
      { "CF-Connecting-IP": "203.0.113.8" },
      { "CF-Connecting-IP": "2001:db8::2" },
      { "CF-Connecting-IP": "" },
      { "CF-Connecting-IP": "unknown" },
      { "X-Forwarded-For": address },
      { "X-Real-IP": address, "True-Client-IP": address, Forwarded: `for=${address}` },
      {},
    ]) {
      expect(await outcome(url, headers)).toBe(wrong);
    }
  });

  test("does not tell the address, and cannot be told one", async () => {
    const url = await signed;
    expect(decodeURIComponent(url)).not.toContain(address);
    expect(new URL(url).searchParams.get("X-Sluice-Bind")).toBe("ip");
    const named = `${url}&X-Sluice-Ip=${encodeURIComponent("203.0.113.8")}`;
    expect(await outcome(named, { "CF-Connecting-IP": "203.0.113.8" })).toMatch("link_invalid");
    const loosened = url.replace(/&X-Sluice-Bind=ip/, "");
    expect(await outcome(loosened, { "CF-Connecting-IP": address })).toMatch("link_invalid");
  });
});

test("a link that is not bound opens from anywhere", async () => {
  const url = await signLink(linkKey, base);
  expect(await outcome(url, { "CF-Connecting-IP": "203.0.113.8" })).toBe("open");
  expect(await outcome(url, {})).toBe("open");
  // And cannot be bound by whoever passes it on.
  expect(await outcome(`${url}&X-Sluice-Bind=ip`, { "CF-Connecting-IP": "203.0.113.8" })).toMatch("link_invalid");
});

test.each(["", "::1%eth0", "2001:DB8::1", "localhost", "203.0.113.007"])("is not signed for %j", async (address) => {
  await expect(signLink(linkKey, { ...base, address })).rejects.toThrow(RangeError);
});
