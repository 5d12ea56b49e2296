/** What lists of files hold and in which order, on every engine: names, sizes, times and the trash. */
import { everythingAt } from "./file-filter.ts";
import { epochAbove } from "../../src/runtime/links/registry.ts";
import { beforeEach, describe, expect, test } from "vitest";
import type { Database } from "../../src/runtime/database/database.ts";
import type { Dialect } from "../../src/runtime/database/dialect.ts";
import {
  createFileLists,
  orderedValue,
  type FileOrder,
  type FileLists,
  type ListPosition,
} from "../../src/runtime/files/list.ts";
import { createManagedFiles, type ManagedFiles } from "../../src/runtime/files/managed.ts";
import { createFileRegistry, type FileRegistry } from "../../src/runtime/files/registry.ts";
import type { FileRecord } from "../../src/runtime/files/record.ts";
import { key } from "./object-store.ts";

export interface FileListsHarness {
  readonly dialect: Dialect;
  readonly empty: () => Promise<void>;
  readonly open: () => Database;
}

const NOW = "2026-01-02T00:00:00.000Z";
const LATER = "2026-02-01T00:00:00.000Z";
const everything = everythingAt(NOW);
const findings = {
  fileType: "text/plain",
  checksumSha256: "00",
  dominantColor: null,
  thumbhash: null,
  width: null,
  height: null,
  thumbnails: null,
};

interface Seed {
  readonly name: string;
  readonly size?: number;
  /** Milliseconds after NOW. */
  readonly at?: number;
  readonly expiresAt?: string;
}

export function describeFileLists(title: string, { dialect, empty, open }: FileListsHarness): void {
  describe(`lists of files on ${title}`, () => {
    let database: Database;
    let registry: FileRegistry;
    let lists: FileLists;
    let trash: ManagedFiles;
    let count = 0;

    beforeEach(async () => {
      await empty();
      count = 0;
      database = open();
      registry = createFileRegistry(database, dialect);
      lists = createFileLists(database, dialect, epochAbove);
      trash = createManagedFiles(database, dialect, epochAbove);
    });

    const store = async ({ name, size = 0, at = 0, expiresAt }: Seed): Promise<string> => {
      const id = `${(count += 1)}`.padStart(24, "0");
      const createdAt = new Date(Date.parse(NOW) + at).toISOString();
      const common = { endpoint: "test", fileType: "text/plain", extension: "txt", visibility: "private" } as const;
      const file = {
        ...common,
        id,
        owner: "ann",
        storageKey: key(id),
        originalFileName: name,
        fileApi: true,
        field: null,
      };
      await database.batch([registry.reserving({ ...file, expiresAt: expiresAt ?? null, createdAt })]);
      await database.batch(registry.storing(id, { ...findings, fileSize: size }, createdAt));
      return id;
    };
    const storeAll = async (seeds: readonly Seed[]): Promise<readonly string[]> => {
      const ids: string[] = [];
      for (const seed of seeds) ids.push(await store(seed));
      return ids;
    };
    const positionOf = (order: FileOrder, file: FileRecord): ListPosition => ({
      value: orderedValue(order, file),
      id: file.id,
    });
    /** All names, page by page; between two pages `meanwhile` happens. */
    const walk = async (order: FileOrder, limit: number, filter = everything, meanwhile = async () => {}) => {
      const seen: FileRecord[] = [];
      for (let position: ListPosition = { skip: 0 }; ;) {
        const { files: page } = await lists.page("ann", filter, order, position, limit);
        seen.push(...page);
        const last = page.at(-1);
        if (last === undefined) return seen;
        position = positionOf(order, last);
        await meanwhile();
      }
    };
    const found = async (name: string): Promise<readonly string[]> =>
      (await lists.page("ann", { ...everything, name }, "name", { skip: 0 }, 100)).files.map(
        (file) => file.originalFileName,
      );

    const seeds: readonly Seed[] = [
      { name: "b.txt", size: 7, at: 0 },
      { name: "B.txt", size: 7, at: 0 },
      { name: "a.txt", size: 10, at: 0 },
      { name: "é.txt", size: 9, at: 1 },
      { name: "Zebra.txt", size: 100, at: 2 },
      { name: "b.txt", size: 0, at: 2 },
      { name: "_.txt", size: 2_000_000_000_000, at: 3 },
    ];
    const expected: Readonly<Record<FileOrder, readonly number[]>> = {
      newest: [7, 6, 5, 4, 3, 2, 1],
      oldest: [1, 2, 3, 4, 5, 6, 7],
      // By bytes, letters A to Z as small ones; equal ones by their ids.
      name: [7, 3, 1, 2, 6, 5, 4],
      size: [7, 5, 3, 4, 2, 1, 6],
    };

    test.each(Object.keys(expected) as FileOrder[])("%s: in pages of any size each file comes once", async (order) => {
      await storeAll(seeds);
      for (const limit of [1, 2, 3, 10]) {
        expect((await walk(order, limit)).map(({ id }) => Number(id))).toEqual(expected[order]);
      }
      const { files: page } = await lists.page("ann", everything, order, { skip: 2 }, 3);
      expect(page.map(({ id }) => Number(id))).toEqual(expected[order].slice(2, 5));
    });

    test.each(Object.keys(expected) as FileOrder[])(
      "%s: what is stored between two pages repeats nothing and hides nothing",
      async (order) => {
        const before = await storeAll(seeds);
        let stored = 0;
        const seen = await walk(order, 2, everything, async () => {
          if ((stored += 1) > 4) return;
          await storeAll([
            { name: "b.txt", size: 7, at: 0 },
            { name: "0", size: 1e12, at: 99 },
            { name: "zz", size: 1 },
          ]);
        });
        const ids = seen.map(({ id }) => id);
        expect(new Set(ids).size).toBe(ids.length);
        expect(ids.filter((id) => before.includes(id)).map(Number)).toEqual(expected[order]);
      },
    );

    test.each<[string, readonly string[]]>([
      ["port", ["portrait 50%.png", "PORTRAIT.png", "report.pdf"]],
      ["PORT", ["portrait 50%.png", "PORTRAIT.png", "report.pdf"]],
      [".png", ["portrait 50%.png", "PORTRAIT.png"]],
      ["50%", ["portrait 50%.png"]],
      ["%", ["portrait 50%.png"]],
      ["_", ["été_1.JPG"]],
      ["p_r", []],
      ["\\", []],
      ["'", ["l'Été.jpg"]],
      ["été", ["l'Été.jpg", "été_1.JPG"]],
      ["ÉTÉ", ["l'Été.jpg", "été_1.JPG"]],
      // As other systems spell it.
      ["e\u0301te\u0301", ["l'Été.jpg", "été_1.JPG"]],
      ["ete", []],
      ["привет", ["ПРИВЕТ.doc"]],
      ["straße", ["Straße.txt"]],
      ["STRASSE", []],
      ["日本", ["日本.txt"]],
      ["𐐨", ["𐐀.txt"]],
      ["nothing", []],
      [" ", ["portrait 50%.png"]],
    ])("named %s", async (name, names) => {
      const all = ["report.pdf", "PORTRAIT.png", "portrait 50%.png", "été_1.JPG", "l'Été.jpg", "ПРИВЕТ.doc"];
      await storeAll([...all, "Straße.txt", "日本.txt", "𐐀.txt"].map((one) => ({ name: one })));
      expect(await found(name)).toEqual(names);
      expect(await lists.count("ann", { ...everything, name })).toBe(names.length);
    });

    test("as many letters as may be asked for", async () => {
      const letters = Array.from({ length: 30 }, (_, index) => String.fromCodePoint(0x430 + index)).join("");
      await store({ name: `${letters.toUpperCase()}.txt` });
      expect(await found(letters)).toHaveLength(1);
    });

    test("the trash holds what can be restored, in every order", async () => {
      const [kept = "", late = "", over = "", alive = ""] = await storeAll([
        { name: "kept", size: 1 },
        { name: "late", size: 2 },
        { name: "over", size: 3, expiresAt: LATER },
        { name: "alive", size: 4 },
      ]);
      await database.batch(trash.deleting("ann", kept, LATER, NOW));
      await database.batch(trash.deleting("ann", late, NOW, NOW));
      await database.batch(trash.deleting("ann", over, "2026-03-01T00:00:00.000Z", NOW));
      const filter = { ...everything, status: "deleted" } as const;
      for (const order of Object.keys(expected) as FileOrder[]) {
        expect((await walk(order, 1, filter)).map(({ id }) => id).toSorted()).toEqual([kept, over]);
      }
      expect(await lists.count("ann", filter)).toBe(2);
      const afterwards = { ...filter, now: "2026-02-15T00:00:00.000Z" };
      expect((await lists.page("ann", afterwards, "newest", { skip: 0 }, 10)).files).toEqual([]);
      expect((await lists.page("ben", filter, "newest", { skip: 0 }, 10)).files).toEqual([]);
      expect((await walk("newest", 10)).map(({ id }) => id)).toEqual([alive]);
      await trash.restore("ann", kept, NOW);
      expect((await walk("name", 10)).map(({ id }) => id)).toEqual([alive, kept]);
    });
  });
}
