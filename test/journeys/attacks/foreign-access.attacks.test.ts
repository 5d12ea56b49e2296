/** What is Ann's, asked for by Ben: everywhere as if it had never been. */
import { env } from "cloudflare:workers";
import { expect } from "vitest";
import {
  abiUploadDoors,
  deleteDoor,
  fileRoutes,
  jobDoor,
  jsonOf,
  listDoor,
  queryDoors,
  revokeOwnDoor,
  uploadDoors,
  type Target,
} from "./support/doors.ts";
import { suite, type Check } from "./support/suite.ts";
import { expectRefused, readStoredFile } from "./support/verdicts.ts";
import { identify, knock, newCaller, openWorld, send, wire } from "./support/world.ts";

const world = openWorld();

const files: readonly (readonly [string, (target: Target) => string])[] = [
  ["a public file", ({ publicId }) => publicId],
  ["a private file", ({ privateId }) => privateId],
  ["a deleted file", ({ deletedId }) => deletedId],
];

/** Who asks: a token of the file's owner is the only thing that opens it. */
const strangers: readonly (readonly [string, string])[] = [
  ["Ben", "ben"],
  ["somebody with the file's id for a name", "ID"],
  ["somebody named like the file's folder", "private"],
  ["a name that has Ann's in it", "annabel"],
];

suite(
  "14 foreign files",
  fileRoutes.flatMap(({ door, pathOf }) =>
    files.flatMap(([file, idOf]) =>
      strangers.map(([stranger, name]): Check => ({
        door: door.name,
        variant: `${file}, ${stranger}`,
        run: async () => {
          const id = idOf(world.target);
          const proof = await identify(door.tokenIn, name === "ID" ? id : name);
          const answer = await knock(world, door, proof, { path: pathOf(id) });
          expectRefused(door, answer, "file_not_found");
          const missing = await knock(world, door, proof, { path: pathOf("f".repeat(24)) });
          expect(wire(answer)).toBe(wire(missing));
        },
      })),
    ),
  ),
  { leavesNothing: true },
);

const asBen = (tokenIn: "x-access-token" | "authorization" | null) => identify(tokenIn, "ben");
const count = async (table: string, owner: string): Promise<number> =>
  (await env.DB.prepare(`SELECT count(*) AS n FROM ${table} WHERE owner = ?`).bind(owner).first<number>("n")) ?? -1;

suite(
  "14 foreign keys, jobs, rows, cursors and links",
  [
    {
      door: deleteDoor.name,
      variant: "Ann's key",
      run: async () => {
        const answer = await knock(world, deleteDoor, await asBen(deleteDoor.tokenIn));
        const { storageKey } = world.target;
        expect(answer.json["data"]).toEqual([{ storage_key: storageKey, status: "not_found" }]);
      },
    },
    {
      door: deleteDoor.name,
      variant: "Ann's keys of the file API, among nonsense",
      run: async () => {
        const keys = [world.target.publicUrl, world.target.privateUrl].map((url) => new URL(url).pathname.slice(7));
        const body = jsonOf(["nothing", ...keys, ...keys]);
        const answer = await knock(world, deleteDoor, await asBen(deleteDoor.tokenIn), { body });
        const states = (answer.json["data"] as readonly { status: string }[]).map(({ status }) => status);
        expect(new Set(states)).toEqual(new Set(["not_found"]));
      },
    },
    {
      door: jobDoor.name,
      variant: "Ann's job",
      run: async () => {
        const proof = await asBen(jobDoor.tokenIn);
        const answer = await knock(world, jobDoor, proof);
        expectRefused(jobDoor, answer, "job_not_found");
        expect(wire(answer)).toBe(wire(await knock(world, jobDoor, proof, { path: `/jobs/${"f".repeat(32)}` })));
      },
    },
    {
      door: jobDoor.name,
      variant: "HEAD",
      run: async () => {
        const headers = await asBen(jobDoor.tokenIn);
        const answer = await world.ask(`/jobs/${world.target.jobId}`, { method: "HEAD", headers });
        expect([answer.status, answer.bytes.length]).toEqual([404, 0]);
      },
    },
    ...["", "?page=1&limit=1000", "?cursor=", "?prefix=public/ann", "?type=image/*", "?visibility=private"].map(
      (query): Check => ({
        door: listDoor.name,
        variant: `list ${query}`,
        run: async () => {
          const answer = await knock(world, listDoor, await asBen(listDoor.tokenIn), { path: `/v1/upload${query}` });
          expect(answer.json["data"]).toMatchObject({ data: [], nextCursor: null });
          expect(answer.text).not.toContain("ann");
        },
      }),
    ),
    ...["uploaded_by=ann", "owner=ann", "user_id=ann", "id=ann", "coinName=ann"].map((query): Check => ({
      door: listDoor.name,
      variant: `?${query}`,
      run: async () => {
        const answer = await knock(world, listDoor, await asBen(listDoor.tokenIn), { path: `/v1/upload?${query}` });
        if (answer.status === 200) expect(answer.json["data"]).toMatchObject({ data: [] });
        else expectRefused(listDoor, answer, "parameter_invalid");
      },
    })),
    {
      door: listDoor.name,
      variant: "Ann's cursor",
      run: async () => {
        const path = "/v1/upload?cursor=&limit=1";
        const page = await knock(world, listDoor, await identify("authorization", "ann"), { path });
        const { nextCursor } = page.json["data"] as { nextCursor: string };
        expect(nextCursor).toBeTypeOf("string");
        const carried = await knock(world, listDoor, await asBen("authorization"), {
          path: `/v1/upload?cursor=${nextCursor}&limit=1`,
        });
        expectRefused(listDoor, carried, "parameter_invalid");
        const filtered = await knock(world, listDoor, await identify("authorization", "ann"), {
          path: `/v1/upload?cursor=${nextCursor}&limit=1&visibility=private`,
        });
        expectRefused(listDoor, filtered, "parameter_invalid");
      },
    },
    ...[0, 3, 12, 30, 50].map((at): Check => ({
      door: listDoor.name,
      variant: `a cursor changed at ${at}`,
      run: async () => {
        const proof = await identify("authorization", "ann");
        const page = await knock(world, listDoor, proof, { path: "/v1/upload?cursor=&limit=1" });
        const { nextCursor } = page.json["data"] as { nextCursor: string };
        const changed = nextCursor.slice(0, at) + (nextCursor[at] === "0" ? "1" : "0") + nextCursor.slice(at + 1);
        const answer = await knock(world, listDoor, proof, { path: `/v1/upload?cursor=${changed}&limit=1` });
        expectRefused(listDoor, answer, "parameter_invalid");
      },
    })),
  ],
  { leavesNothing: true },
);

suite("14 what Ben does to what is his leaves Ann's alone", [
  {
    door: revokeOwnDoor.name,
    variant: "Ben revokes all his links",
    run: async () => {
      expect((await knock(world, revokeOwnDoor, await asBen("authorization"))).status).toBe(200);
      expect((await world.ask(world.target.signedUrl)).status).toBe(200);
    },
  },
  {
    door: queryDoors.find.name,
    variant: "a row of Ann's, by its key",
    run: async () => {
      const note = await knock(world, queryDoors.noteJson, await identify("x-access-token", "ann"));
      expect(note.status, note.text).toBe(200);
      const found = await knock(world, queryDoors.find, await asBen("x-access-token"));
      expect(found.json["data"]).toEqual([]);
    },
  },
  {
    door: queryDoors.findDocument.name,
    variant: "a document of Ann's, by its key",
    run: async () => {
      expect((await knock(world, queryDoors.keepDocument, await identify("x-access-token", "ann"))).status).toBe(200);
      const found = await knock(world, queryDoors.findDocument, await asBen("x-access-token"));
      expect(found.json["data"]).toEqual([]);
    },
  },
  ...uploadDoors("narrow")
    .filter(({ tokenIn }) => tokenIn !== null)
    .map((door): Check => ({
      door: door.name,
      variant: "an idempotency key of Ann's is another call of Ben's",
      run: async () => {
        const key = { "idempotency-key": `shared-${door.name.length}-${newCaller()}` };
        const [ann, ben] = [newCaller(), newCaller()];
        const first = await send(world, door, ann, undefined, key);
        const second = await send(world, door, ben, undefined, key);
        expect([first.status, second.status]).toEqual([second.status, first.status]);
        expect(second.headers.get("idempotent-replayed")).toBeNull();
        expect(second.text).not.toContain(ann);
        expect([await count("files", ann), await count("files", ben)]).toEqual([1, 1]);
      },
    })),
]);

/** Of an ABI without `file_api`: its owner has the ABI's own ways to it, and no others. */
const idOf = async (key: string): Promise<string> =>
  (await env.DB.prepare("SELECT id FROM files WHERE storage_key = ?").bind(key).first<string>("id")) ?? "none";
suite(
  "14 files that an ABI keeps to itself",
  abiUploadDoors("narrow").flatMap((uploadDoor) =>
    fileRoutes.map(({ door, pathOf }): Check => ({
      door: door.name,
      variant: `of ${uploadDoor.name}`,
      run: async () => {
        const caller = newCaller();
        const answer = await send(world, uploadDoor, caller);
        const { key, url } = await readStoredFile(world, uploadDoor, caller, answer);
        const proof = await identify(door.tokenIn, caller);
        expectRefused(door, await knock(world, door, proof, { path: pathOf(await idOf(key)) }), "file_not_found");
        const list = await knock(world, listDoor, proof);
        expect(list.json["data"]).toMatchObject({ count: 0, data: [] });
        expect((await world.ask(url)).status).toBe(200);
      },
    })),
  ),
);
