/** A link that was opened is known by its text: nothing that differs from it may pass for it. */
import { expect, test } from "vitest";
import { openLink } from "../../../../src/runtime/links/open.ts";
import { signLink, type LinkPlace, type LinkRequest } from "../../../../src/runtime/links/signed-link.ts";
import { Problem } from "../../../../src/contract/problem.ts";
import { readObjectKey } from "../../../../src/runtime/storage/object-key.ts";
import { linkKey, placeOf } from "../../../support/secrets.ts";

const now = new Date("2026-10-20T12:00:00.000Z");
const later = (milliseconds: number) => new Date(now.getTime() + milliseconds);

const sign = (name: string, change: Partial<LinkRequest> = {}) => {
  const key = readObjectKey(`users/42/${name}.png`)!;
  return signLink(linkKey, { base: "https://files.example", key, method: "GET", expiresSeconds: 60, now, ...change });
};
const open = (
  url: string,
  init: RequestInit = {},
  moment = now,
  secret = linkKey.secret,
  place: LinkPlace = placeOf(url),
) =>
  openLink({ ...linkKey, secret }, new Request(url, init), moment, place).catch((error: unknown) =>
    error instanceof Problem ? error.code : String(error),
  );

test("the second time it is known, until its life is over", async () => {
  const url = await sign("known");
  const first = await open(url);
  expect(first).toMatchObject({ key: "users/42/known.png" });
  expect(await open(url, {}, later(59_999))).toBe(first);
  for (const moment of [later(60_000), later(60_001)]) expect(await open(url, {}, moment)).toBe("link_expired");
});

test("anything else is checked", async () => {
  const url = await sign("checked");
  await open(url);
  const forged = url.slice(0, -1) + (url.endsWith("0") ? "1" : "0");
  for (const other of [forged, url.replace("files.example", "other.example"), url.replace("=60&", "=61&"), `${url}&`]) {
    expect(await open(other)).toBe("link_invalid");
    expect(await open(other)).toBe("link_invalid");
  }
  expect(await open(url, { method: "HEAD" })).toMatchObject({ isBound: false });
  expect(await open(url, {}, now, `${linkKey.secret}!`)).toBe("link_invalid");
  const elsewhere = { mount: "/files", base: "https://files.example" };
  expect(await open(url, {}, now, linkKey.secret, elsewhere)).toBe("link_invalid");
  expect(await open(url.replace(/\?.*/, ""))).toBeNull();
});

test("a bound link is checked each time", async () => {
  const url = await sign("bound", { address: "203.0.113.7" });
  const from = (address: string) => open(url, { headers: { "CF-Connecting-IP": address } });
  expect(await from("203.0.113.7")).toMatchObject({ isBound: true });
  expect(await from("203.0.113.8")).toBe("link_invalid");
});

test("the oldest of more than 1,000 is forgotten", async () => {
  const [first, second] = [await sign("first"), await sign("second")];
  const [forgotten, kept] = [await open(first), await open(second)];
  for (let number = 0; number < 999; number++) await open(await sign(`other-${number}`));
  expect(await open(second)).toBe(kept);
  expect(await open(first)).not.toBe(forgotten);
});
