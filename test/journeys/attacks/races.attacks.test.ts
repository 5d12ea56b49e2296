/** The same thing at the same moment: counted links, idempotency keys, deletions. Exactly one wins, whatever the order. */
import { env } from "cloudflare:workers";
import { expect } from "vitest";
import { formBody, MULTIPART } from "../../support/app.ts";
import { deleteDoor, jsonOf, picture, pictureParts, uploadDoors, type UploadDoor } from "./support/doors.ts";
import { suite, type Check } from "./support/suite.ts";
import { expectRefused, readStoredFile } from "./support/verdicts.ts";
import { identify, knock, newCaller, openWorld, send, type Answer } from "./support/world.ts";

const world = openWorld({ MAX_CONCURRENT_UPLOADS: "50" });
const uploads = uploadDoors("narrow");
const guarded = uploads.filter(({ tokenIn }) => tokenIn !== null);
const fileApi = uploads.filter(({ isFileApi }) => isFileApi);

const times = <Result>(count: number, work: () => Promise<Result>): Promise<Result[]> =>
  Promise.all(Array.from({ length: count }, work));
const statuses = (answers: readonly Answer[]) =>
  answers.map(({ status }) => status).toSorted((left, right) => left - right);

interface Uploaded {
  readonly caller: string;
  readonly id: string;
  readonly proof: Record<string, string>;
  readonly key: string;
  readonly readUrl: string;
}

async function uploaded(door: UploadDoor): Promise<Uploaded> {
  const caller = newCaller();
  const { key, readUrl, id } = await readStoredFile(world, door, caller, await send(world, door, caller));
  return { caller, id, proof: await identify(door.tokenIn, caller), key, readUrl };
}

const rowsOf = async (owner: string): Promise<number> =>
  (await env.DB.prepare("SELECT count(*) AS n FROM files WHERE owner = ?").bind(owner).first<number>("n")) ?? -1;
const objectsOf = async (owner: string): Promise<number> => {
  const { objects } = await env.BUCKET.list();
  return objects.filter(({ key }) => key.split("/")[1] === owner).length;
};

suite(
  "12 counted links raced",
  fileApi.flatMap((door) =>
    [1, 2, 5].flatMap((maxDownloads) =>
      ["GET", "two halves"].map((way): Check => ({
        door: door.name,
        variant: `${maxDownloads} of 12, ${way}`,
        run: async () => {
          const { id, proof } = await uploaded(door);
          const issued = await world.ask(`/v1/upload/${id}/links`, {
            method: "POST",
            headers: { ...proof, "content-type": "application/json" },
            body: JSON.stringify({ max_downloads: maxDownloads }),
          });
          const { url } = issued.json["data"] as { url: string };
          const half = Math.ceil(picture.length / 2);
          const ranges = way === "GET" ? [{}] : [{ range: `bytes=0-${half - 1}` }, { range: `bytes=${half}-` }];
          const answers = (
            await times(12, () => Promise.all(ranges.map((headers) => world.ask(url, { headers }))))
          ).flat();
          const bytes = answers
            .filter(({ status }) => status < 300)
            .reduce((sum, answer) => sum + answer.bytes.length, 0);
          expect(bytes).toBeLessThanOrEqual(maxDownloads * picture.length);
          expect(bytes).toBeGreaterThan(0);
          for (const answer of answers.filter(({ status }) => status >= 300)) {
            expectRefused({ envelope: "abi" }, answer, "link_used_up");
          }
        },
      })),
    ),
  ),
);

suite(
  "15 one idempotency key at the same moment",
  guarded.flatMap((door) =>
    [2, 8].map((count): Check => ({
      door: door.name,
      variant: `${count} uploads`,
      run: async () => {
        const caller = newCaller();
        const headers = { "idempotency-key": caller };
        const answers = await times(count, () => send(world, door, caller, pictureParts, headers));
        const good = answers.filter(({ status }) => status < 300);
        // A repeated answer has a link of its own.
        const files = await Promise.all(good.map((answer) => readStoredFile(world, door, caller, answer)));
        expect(new Set(files.map(({ key }) => key)).size).toBe(1);
        for (const answer of answers.filter(({ status }) => status >= 300)) {
          expectRefused(door, answer, "idempotency_in_flight");
        }
        expect([await rowsOf(caller), await objectsOf(caller)]).toEqual([1, 1]);
      },
    })),
  ),
);

const reuses: readonly (readonly [string, (door: UploadDoor, caller: string) => Promise<Answer>])[] = [
  [
    "another file",
    (door, caller) =>
      send(world, door, caller, [{ ...pictureParts[0], fileName: "b.png", body: picture }], {
        "idempotency-key": caller,
      }),
  ],
  [
    "another query",
    async (door, caller) =>
      world.ask(`${door.path(world.target)}?x=1`, {
        method: "POST",
        headers: { ...MULTIPART, ...(await identify(door.tokenIn, caller)), "idempotency-key": caller },
        body: formBody(pictureParts),
      }),
  ],
  [
    "one field more",
    (door, caller) =>
      send(world, door, caller, [...pictureParts, { name: "a", body: "b" }], { "idempotency-key": caller }),
  ],
];
suite(
  "15 one idempotency key for two requests",
  guarded.flatMap((door) =>
    reuses.map(([variant, again]): Check => ({
      door: door.name,
      variant,
      run: async () => {
        const caller = newCaller();
        expect((await send(world, door, caller, pictureParts, { "idempotency-key": caller })).status).toBeLessThan(300);
        expectRefused(door, await again(door, caller), "idempotency_key_reused");
        expect([await rowsOf(caller), await objectsOf(caller)]).toEqual([1, 1]);
      },
    })),
  ),
);

const keys = ["", " ", "a b", "a\tb", "é", "x".repeat(256), "a, b", "\u007f"];
suite(
  "15 idempotency keys that are none",
  uploads.flatMap((door) =>
    keys.map((key): Check => ({
      door: door.name,
      variant: JSON.stringify(key.slice(0, 20)),
      run: async () => {
        const answer = await send(world, door, "ann", pictureParts, { "idempotency-key": key });
        expectRefused(door, answer, "idempotency_key_invalid");
      },
    })),
  ),
  { leavesNothing: true },
);

const remove = (id: string, proof: Record<string, string>) =>
  world.ask(`/v1/upload/${id}`, { method: "DELETE", headers: proof });
const restore = (id: string, proof: Record<string, string>) =>
  world.ask(`/v1/upload/${id}/restore`, { method: "POST", headers: proof });

suite(
  "16 deletions raced",
  fileApi.flatMap((door): Check[] => [
    {
      door: door.name,
      variant: "eight at once",
      run: async () => {
        const { id, proof, readUrl } = await uploaded(door);
        const answers = await times(8, () => remove(id, proof));
        expect(statuses(answers)).toEqual([200, 404, 404, 404, 404, 404, 404, 404]);
        expect((await world.ask(readUrl)).status).toBe(404);
      },
    },
    {
      door: door.name,
      variant: "while it is read",
      run: async () => {
        const { id, proof, readUrl } = await uploaded(door);
        const [, ...read] = await Promise.all([
          remove(id, proof),
          ...Array.from({ length: 8 }, () => world.ask(readUrl)),
        ]);
        for (const { status, bytes } of read) {
          if (status === 200) expect(bytes).toEqual(picture);
          else expect(status).toBe(404);
        }
        expect((await world.ask(readUrl)).status).toBe(404);
      },
    },
    {
      door: door.name,
      variant: "with restorations between",
      run: async () => {
        const { id, proof, readUrl, key } = await uploaded(door);
        await Promise.all(
          Array.from({ length: 10 }, (_, at) => (at % 2 === 0 ? remove(id, proof) : restore(id, proof))),
        );
        const shown = await world.ask(`/v1/upload/${id}`, { headers: proof });
        expect((await world.ask(readUrl)).status).toBe(shown.status === 200 ? 200 : 404);
        expect(await env.BUCKET.head(key)).not.toBeNull();
      },
    },
    {
      door: door.name,
      variant: "of links while they are issued",
      run: async () => {
        const { id, proof } = await uploaded(door);
        const issue = () => world.ask(`/v1/upload/url/${id}`, { headers: proof });
        const [links] = await Promise.all([
          times(6, issue),
          world.ask(`/v1/upload/${id}/links`, { method: "DELETE", headers: proof }),
        ]);
        await world.ask(`/v1/upload/${id}/links`, { method: "DELETE", headers: proof });
        for (const link of links) {
          expectRefused({ envelope: "abi" }, await world.ask(link.json["data"] as string), "link_revoked");
        }
      },
    },
  ]),
);

suite(
  "16 keys deleted twice",
  uploads
    .filter(({ isFileApi, tokenIn }) => !isFileApi && tokenIn !== null)
    .flatMap((door): Check[] => [
      {
        door: door.name,
        variant: "in one call",
        run: async () => {
          const { caller, key } = await uploaded(door);
          const proof = await identify(deleteDoor.tokenIn, caller);
          const answer = await knock(world, deleteDoor, proof, { body: jsonOf([key, key, key]) });
          expect(answer.status).toBe(200);
          expect([await rowsOf(caller), await objectsOf(caller)]).toEqual([0, 0]);
        },
      },
      {
        door: door.name,
        variant: "in six calls at once",
        run: async () => {
          const { caller, key, readUrl } = await uploaded(door);
          const proof = await identify(deleteDoor.tokenIn, caller);
          const answers = await times(6, () => knock(world, deleteDoor, proof, { body: jsonOf([key]) }));
          // A repetition may say that it deleted, or that nothing was there.
          for (const { status } of answers) expect([200, 422]).toContain(status);
          expect([await rowsOf(caller), await objectsOf(caller)]).toEqual([0, 0]);
          expect((await world.ask(readUrl)).status).toBe(404);
        },
      },
    ]),
);
