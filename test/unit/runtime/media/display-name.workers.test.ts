import { expect, test } from "vitest";
import { displayName } from "../../../../src/runtime/media/display-name.ts";

test.each([
  ["holiday.png", "holiday.png"],
  ["Grüße 🏖️ 2026.png", "Grüße 🏖️ 2026.png"],
  ["U\u0308ber.png", "Über.png"],
  ["../../etc/passwd", "passwd"],
  ["C:\\fakepath\\photo.jpg", "photo.jpg"],
  ['a"b.png', 'a"b.png'],
  ["a\r\nSet-Cookie: b.png", "aSet-Cookie: b.png"],
  ["evil\u202egnp.exe", "evilgnp.exe"],
  ["nul\0byte.png", "nulbyte.png"],
  ["\ud800lone.png", "\ufffdlone.png"],
  ["", "unnamed"],
  ["..", "unnamed"],
  ["   ", "unnamed"],
])("%j is shown as %j", (name, shown) => {
  expect(displayName(name)).toBe(shown);
});

test.each([
  ["at the limit", `${"a".repeat(251)}.png`, 255],
  ["one over", `${"a".repeat(252)}.png`, 255],
  ["in two-byte characters", `${"ü".repeat(5000)}.png`, 254],
  ["in four-byte characters", `${"🏖".repeat(5000)}.png`, 252],
])("a long name %s is cut and keeps its extension", (_, name, bytes) => {
  const shown = displayName(name);
  expect(shown.endsWith(".png")).toBe(true);
  expect(shown).not.toContain("\ufffd");
  expect(new TextEncoder().encode(shown).length).toBe(bytes);
});

test("a replacement character that stands where a name is cut is the client's own", () => {
  expect(displayName(`${"\ufffd".repeat(90)}.abcdefgh`)).toBe(`${"\ufffd".repeat(82)}.abcdefgh`);
});
