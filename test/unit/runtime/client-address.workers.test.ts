import { expect, test } from "vitest";
import { clientAddress, readAddress } from "../../../src/runtime/client-address.ts";

test.each([
  ["203.0.113.7", "203.0.113.7"],
  ["0.0.0.0", "0.0.0.0"],
  ["255.255.255.255", "255.255.255.255"],
  ["2001:DB8:0:0:0:0:0:1", "2001:db8::1"],
  ["2001:0db8::0001", "2001:db8::1"],
  ["::1", "::1"],
  ["::", "::"],
  ["1:2:3:4:5:6:7:8", "1:2:3:4:5:6:7:8"],
  ["::ffff:203.0.113.7", "203.0.113.7"],
  ["::ffff:cb00:7107", "203.0.113.7"],
  ["64:ff9b::203.0.113.7", "64:ff9b::cb00:7107"],
])("%s is %s", (text, address) => {
  expect(readAddress(text)).toBe(address);
  expect(readAddress(address)).toBe(address);
});

test.each([
  "",
  "localhost",
  "1.2.3",
  "1.2.3.4.5",
  "256.0.0.1",
  "01.2.3.4",
  "0x7f.1.1.1",
  "1.2.3.4 ",
  "1.2.3.4/32",
  "[::1]",
  "::1%eth0",
  "fe80::1%25eth0",
  "1::2::3",
  ":",
  "12345::",
  "::1]/@x[::1",
  "2001:db8::1, 10.0.0.1",
  "1:2:3:4:5:6:7:8:9",
])("%j is none", (text) => {
  expect(readAddress(text)).toBeNull();
});

test("only Cloudflare's header says where a request came from", () => {
  expect(clientAddress(new Headers({ "CF-Connecting-IP": "2001:DB8::1" }))).toBe("2001:db8::1");
  expect(clientAddress(new Headers({ "X-Forwarded-For": "203.0.113.7", "X-Real-IP": "203.0.113.7" }))).toBeNull();
  expect(clientAddress(new Headers())).toBeNull();
});
