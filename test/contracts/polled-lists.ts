/** Who asks for files from the latest moment that lists have shown misses none, whichever is stored first: on every engine. */
import { everythingAt } from "./file-filter.ts";
import { epochAbove } from "../../src/runtime/links/registry.ts";
import { setTimeout as sleep } from "node:timers/promises";
import { beforeEach, describe, expect, test } from "vitest";
import type { Database, Statement } from "../../src/runtime/database/database.ts";
import type { Dialect } from "../../src/runtime/database/dialect.ts";
import { createFileLists, type FileFilter, type FileLists } from "../../src/runtime/files/list.ts";
import { createFileRegistry, type FileRegistry } from "../../src/runtime/files/registry.ts";
import { key } from "./object-store.ts";

export interface PolledListsHarness {
  readonly dialect: Dialect;
  /** Removes all files and clocks. */
  readonly empty: () => Promise<void>;
  /** As another call does: what waits in one must not hold up the others. */
  readonly open: () => Database;
}

const UPLOADS = 40;
const HOUR_MS = 3_600_000;
const findings = {
  fileType: "text/plain",
  fileSize: 1,
  checksumSha256: "00",
  dominantColor: null,
  thumbhash: null,
  width: null,
  height: null,
  thumbnails: null,
};

const NOW = "2026-01-02T00:00:00.000Z";
const everything = everythingAt(NOW);

interface BegunUpload {
  readonly database: Database;
  /** Its call's last batch. */
  readonly last: readonly Statement[];
}

/** A client that asks again and again. */
interface Poller {
  readonly seen: ReadonlySet<string>;
  poll(): Promise<void>;
}

export function describePolledLists(name: string, { dialect, empty, open }: PolledListsHarness): void {
  describe(`lists that are polled, on ${name}`, () => {
    beforeEach(empty);
    const registryOf = (database: Database): FileRegistry => createFileRegistry(database, dialect);
    const listsOf = (database: Database): FileLists => createFileLists(database, dialect, epochAbove);

    const begin = async (id: string, createdAt = new Date().toISOString(), owner = "ann"): Promise<BegunUpload> => {
      const common = { endpoint: "test", originalFileName: "a.txt", fileType: "text/plain", extension: "txt" } as const;
      const file = {
        ...common,
        id,
        owner,
        storageKey: key(id),
        visibility: "private",
        fileApi: true,
        field: null,
      } as const;
      const database = open();
      const registry = registryOf(database);
      await database.batch([registry.reserving({ ...file, expiresAt: null, createdAt })]);
      return {
        database,
        last: [...registry.storing(id, findings, createdAt), ...registry.dating(owner, [id], createdAt)],
      };
    };
    const end = async ({ database, last }: BegunUpload): Promise<void> => void (await database.batch(last));
    const listed = (limits: Pick<FileFilter, "from" | "to">): Promise<number> =>
      listsOf(open()).count("ann", { ...everything, ...limits });
    const startPolling = (): Poller => {
      const seen = new Set<string>();
      let from: string | null = null;
      return {
        seen,
        async poll() {
          const page = await listsOf(open()).page("ann", { ...everything, from }, "newest", { skip: 0 }, 1000);
          for (const { id, createdAt } of page.files) {
            seen.add(id);
            if (from === null || createdAt > from) from = createdAt;
          }
        },
      };
    };

    test("an upload that began before one that was listed, and ended after it", async () => {
      const poller = startPolling();
      const slow = await begin("slow");
      await sleep(5);
      await end(await begin("quick"));
      await poller.poll();
      expect([...poller.seen]).toEqual(["quick"]);
      await end(slow);
      await poller.poll();
      expect([...poller.seen]).toEqual(["quick", "slow"]);
    });

    test("also where the clock of the call that was listed is ahead", async () => {
      const poller = startPolling();
      await end(await begin("ahead", new Date(Date.now() + HOUR_MS).toISOString()));
      await poller.poll();
      await end(await begin("right"));
      await poller.poll();
      expect([...poller.seen]).toEqual(["ahead", "right"]);
    });

    test("also where its last batch has not been committed while a later upload begins and ends", async () => {
      const poller = startPolling();
      const slow = await begin("slow");
      const session = slow.database.begin();
      await session.send(slow.last);
      await sleep(5);
      const quick = begin("quick").then(end);
      await sleep(100);
      await poller.poll();
      await session.commit([]);
      await quick;
      await poller.poll();
      expect(new Set(poller.seen)).toEqual(new Set(["slow", "quick"]));
    });

    test("another owner's upload waits for nobody", async () => {
      const slow = await begin("slow");
      const session = slow.database.begin();
      await session.send(slow.last);
      await end(await begin("other", new Date().toISOString(), "ben"));
      await session.commit([]);
    });

    test("many at once, listed all the while", async () => {
      const poller = startPolling();
      const upload = async (_: unknown, index: number) => {
        await sleep((index * 7) % 60);
        const begun = await begin(`file ${index}`);
        await sleep((index * 31) % 90);
        await end(begun);
      };
      const uploads = Promise.all(Array.from({ length: UPLOADS }, upload)).then(() => true);
      for (let isOver = false; !isOver; isOver = await Promise.race([uploads, sleep(1, false)])) await poller.poll();
      await poller.poll();
      expect(poller.seen.size).toBe(UPLOADS);
    });

    test("a file that was stored before files had a place has that of its creation", async () => {
      const { database } = await begin("old", NOW);
      const registry = registryOf(database);
      await database.batch(registry.storing("old", findings, NOW));
      expect(await listed({ from: NOW, to: null })).toBe(1);
      expect(await listed({ from: "2026-01-02T00:00:00.001Z", to: null })).toBe(0);
      expect(await listed({ from: null, to: NOW })).toBe(0);
    });

    test("a file is in one span of time, that in which it was stored", async () => {
      const began = new Date(Date.now() - HOUR_MS / 2).toISOString();
      const middle = new Date(Date.now() - HOUR_MS / 4).toISOString();
      await end(await begin("slow", began));
      expect(await listed({ from: began, to: middle })).toBe(0);
      expect(await listed({ from: middle, to: null })).toBe(1);
    });
  });
}
