/**
 * How many round trips to database, bucket and queue each operation waits for, one after the other: in a deployment a call
 * waits for nothing else. A figure that grows is a slower call for everybody; one that falls belongs into the table.
 */
import { env } from "cloudflare:workers";
import { afterAll, beforeAll, expect, test } from "vitest";
import { prepareStorage, resetStorage } from "../../support/database.ts";
import { measureTrips } from "../../support/round-trips/measure.ts";
import { operations } from "../../support/round-trips/operations.ts";

beforeAll(prepareStorage);
afterAll(resetStorage);

/** The whole body being there at once; from its last bytes on, null where no file is sent; behind the answer. */
const depths: Readonly<Record<string, readonly [atOnce: number, afterLastByte: number | null, behind: number]>> = {
  "upload 1 file": [3, 2, 0],
  "upload 1 file, with a key": [3, 2, 0],
  "upload 1 file, repeated": [2, 0, 0],
  "upload 2 files": [3, 2, 0],
  "upload 2 files, with a key": [3, 2, 0],
  "upload 2 files, repeated": [2, 0, 0],
  "upload 6 files": [3, 2, 0],
  "upload 1 file, a row each": [3, 2, 0],
  "upload 1 file, a row each, with a key": [4, 3, 0],
  "upload 1 file, a row each, repeated": [2, 0, 0],
  "upload 2 files, a row each": [3, 2, 0],
  "upload 2 files, a row each, with a key": [4, 3, 0],
  "upload 2 files, a row each, repeated": [2, 0, 0],
  "upload 6 files, a row each": [3, 2, 0],
  "upload 18 MiB": [7, 3, 0],
  "upload a private file, answered with its link": [3, 2, 0],
  "replace a file": [3, 2, 2],
  "upload 1 file with two thumbnails": [3, 2, 0],
  "upload 18 MiB with two thumbnails": [7, 3, 0],
  "file API: upload": [3, 2, 0],
  "upload 1 file of a quota": [3, 2, 0],
  "upload 2 files of a quota": [3, 2, 0],
  "upload 18 MiB of a quota": [7, 3, 0],
  "upload 1 file, the quota is used up": [5, 3, 0],
  "delete 1 file of a quota": [2, null, 2],
  "file API: signed link": [1, null, 0],
  "file API: link with limits": [1, null, 0],
  "download a public file": [1, null, 0],
  "download through a signed link": [1, null, 0],
  "download through a counted link": [2, null, 0],
  "download a range of a public file": [2, null, 0],
  "HEAD of a public file": [1, null, 0],
  "304 of a public file": [1, null, 0],
  "delete 1 file": [2, null, 2],
  "delete 5 files": [2, null, 2],
  "delete a row with its file": [1, null, 2],
  "file API: delete": [1, null, 0],
  "file API: restore": [1, null, 0],
  "file API: first 20 of 21 files, by cursor": [1, null, 0],
  "file API: first 20 of 21 files, by page": [2, null, 0],
  "file API: details": [1, null, 0],
  "read rows": [1, null, 0],
  "write a row": [1, null, 0],
  "upload 1 file, a job writes its row: the call": [3, 2, 1],
  "upload 1 file, a job writes its row: the job": [3, null, 0],
};

/** They follow the same course as two files, for longer. */
const leftToTheBench = /^upload (?:12|20) files|^upload 6 files.*(?:with a key|repeated)$/;
const counted = operations.filter(({ name }) => !leftToTheBench.test(name));

test("every operation has its figures", () => {
  expect(counted.map(({ name }) => name)).toEqual(Object.keys(depths));
});

test.each(counted)("$name", async (operation) => {
  const { atOnce, afterLastByte, behind } = await measureTrips(operation, env);
  expect([atOnce, afterLastByte, behind]).toEqual(depths[operation.name]);
});

test("thumbnails are put in the waits that a file has without them", async () => {
  const [operation] = operations.filter(({ name }) => name === "upload 1 file with two thumbnails");
  if (operation === undefined) throw new Error("There is no such operation");
  const { atOnce, bill } = await measureTrips(operation, env);
  expect([atOnce, bill.objects]).toEqual([depths["upload 1 file"]?.[0], 3]);
});
