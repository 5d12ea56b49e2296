/** What OPTIONS tells of tus, and where. */
import { expect, test } from "vitest";
import { createCaller } from "../../../support/app.ts";
import { planOf, uploadStep } from "../../../support/plans.ts";

const films = { ...planOf([uploadStep({ resumable: true })]), id: "films-01", resource: "films" };
const album = { ...planOf([uploadStep({ resumable: true })]), id: "album-01", resource: "albums/:album" };
const photos = { ...planOf([uploadStep()]), id: "photos-01", resource: "photos" };
const call = createCaller([films, album, photos]);

const told = async (path: string) => (await call(path, { method: "OPTIONS" })).headers.get("tus-version");

test.each([
  ["/films", "1.0.0"],
  ["/films-01", "1.0.0"],
  ["/albums/7", "1.0.0"],
  ["/v1/uploads/films-01/0", "1.0.0"],
  ["/photos", null],
  ["/albums", null],
  ["/albums/7/8", null],
  ["/v1/uploads", null],
])("%s: %s", async (path, version) => {
  expect(await told(path)).toBe(version);
});

test("what it tells", async () => {
  const { headers } = await call("/films", { method: "OPTIONS", headers: { "access-control-request-method": "POST" } });
  expect(Object.fromEntries([...headers].filter(([name]) => name.startsWith("tus-")))).toEqual({
    "tus-checksum-algorithm": "sha1,sha256,md5",
    "tus-extension": "creation,creation-with-upload,creation-defer-length,expiration,checksum,termination",
    "tus-max-size": "83886080000",
    "tus-resumable": "1.0.0",
    "tus-version": "1.0.0",
  });
  expect(headers.get("access-control-allow-methods")).toContain("PATCH");
});
