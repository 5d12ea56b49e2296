/**
 * The rule of who may read a file exists twice, for a record and as a statement's condition: on every engine they
 * agree.
 */
import { sql, type SQL } from "drizzle-orm";
import { beforeAll, describe, expect, test } from "vitest";
import type { Database } from "../../src/runtime/database/database.ts";
import type { Dialect } from "../../src/runtime/database/dialect.ts";
import { quoted } from "../../src/runtime/database/quoted-names.ts";
import { createStatements, insertInto } from "../../src/runtime/database/statements.ts";
import {
  isOverdue,
  isReadable,
  readabilityOf,
  type Readability,
  type Reader,
} from "../../src/runtime/files/readable.ts";
import type { FileRecord } from "../../src/runtime/files/record.ts";
import { toRecord } from "../../src/runtime/files/row.ts";
import { tables } from "../../src/contract/tables.ts";

export interface ReadableHarness {
  readonly dialect: Dialect;
  /** A database whose files are gone. */
  readonly open: () => Promise<Database>;
}

const NOW = "2026-06-01T12:00:00.000Z";
const LATER = "2026-06-01T12:00:00.001Z";
const { status: statuses, visibility: visibilities } = tables.files;
const common = {
  owner: "ann",
  endpoint: "test",
  original_file_name: "a.png",
  file_type: "image/png",
  extension: "png",
  created_at: NOW,
  updated_at: NOW,
};
const rows = statuses.flatMap((status) =>
  visibilities.flatMap((visibility) =>
    [null, "2026-06-01T11:59:59.999Z", NOW, LATER].map((end) => {
      const id = `${status} ${visibility} ${end ?? "without end"}`;
      return { ...common, id, storage_key: id, status, visibility, expires_at: end };
    }),
  ),
);
const readers: readonly Reader[] = ["owner", "link", "anyone"];

export function describeReadable(name: string, { dialect, open }: ReadableHarness): void {
  describe(`which files may be read, on ${name}`, () => {
    let find: (condition: SQL) => Promise<readonly string[]>;
    let records: readonly FileRecord[];
    const told = (reader: Reader, readability: Readability) =>
      records.filter((file) => readabilityOf(file, reader, new Date(NOW)) === readability).map(({ id }) => id);

    beforeAll(async () => {
      const database = await open();
      const { read, writing } = createStatements(database, dialect);
      await database.batch(rows.map((row) => writing(insertInto(quoted.files, row))));
      find = async (condition) => {
        const found = await read(sql`SELECT id FROM ${quoted.files} WHERE ${condition} ORDER BY id`);
        return found.map(({ id }) => id as string);
      };
      records = (await read(sql`SELECT * FROM ${quoted.files} ORDER BY id`)).map(toRecord);
    });

    test("there is a file of every status, visibility and end", () => {
      expect(records.map(({ id }) => id).toSorted()).toEqual(rows.map(({ id }) => id).toSorted());
    });

    test("a record tells it as a statement's condition does", async () => {
      expect(told("owner", "readable")).toEqual(await find(isReadable(NOW)));
      expect(told("link", "readable")).toEqual(await find(isReadable(NOW)));
      const isPublic = sql`${quoted.files.visibility} = 'public'`;
      expect(told("anyone", "readable")).toEqual(await find(sql`${isReadable(NOW)} AND ${isPublic}`));
    });

    test("those are stored files whose end has not come, of which private ones are not anyone's", () => {
      const alive = (visibility: string) => [`stored ${visibility} without end`, `stored ${visibility} ${LATER}`];
      expect(new Set(told("owner", "readable"))).toEqual(new Set([...alive("public"), ...alive("private")]));
      expect(new Set(told("anyone", "readable"))).toEqual(new Set(alive("public")));
      expect(told("anyone", "expired").filter((id) => id.includes("private"))).toEqual([]);
    });

    test("what the sweep ends is stored and has expired", async () => {
      const overdue = await find(isOverdue(NOW));
      expect(overdue).toHaveLength(4);
      expect(told("owner", "expired").filter((id) => id.startsWith("stored"))).toEqual(overdue);
    });

    test.each(readers)("a pending, deleted or gone file is hidden from %s", (reader) => {
      const hidden = rows.map(({ id }) => id).filter((id) => /^(?:pending|deleted|gone)/.test(id));
      expect(told(reader, "hidden")).toEqual(expect.arrayContaining(hidden));
    });
  });
}
