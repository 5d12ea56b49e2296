/** Bodies that are larger than they say, or than they may be: counted as they pass, and undone. */
import { expect } from "vitest";
import { formBody, type FormPart } from "../../support/app.ts";
import { png } from "../../support/pictures.ts";
import {
  deleteDoor,
  fieldsOf,
  fileRoutes,
  formOf,
  jsonOf,
  pictureParts,
  queryDoors,
  uploadDoors,
  type Body,
  type Door,
} from "./support/doors.ts";
import { across, suite } from "./support/suite.ts";
import { expectRefused } from "./support/verdicts.ts";
import { identify, knock, openWorld, type World } from "./support/world.ts";

/** Small enough that a body over it costs little. */
const MAX_REQUEST_BYTES = 300_000;
const MAX_JSON_BYTES = 4096;
const limits = {
  MAX_REQUEST_BYTES: String(MAX_REQUEST_BYTES),
  MAX_JSON_BYTES: String(MAX_JSON_BYTES),
  FILE_API_MAX_BYTES: "262144",
};
const roomy = openWorld();
const world = roomy.beside(limits);
const uploads = uploadDoors("narrow");

const base = png([1, 2, 3], 4, 3, 1).length - 1;
const large = (bytes: number): FormPart => ({
  fileName: "large.png",
  type: "image/png",
  body: png([1, 2, 3], 4, 3, bytes - base),
});

/** In chunks, as a client sends that announces no length. */
function streamOf(bytes: Uint8Array, chunkBytes = 16_384): ReadableStream<Uint8Array> {
  let position = 0;
  return new ReadableStream({
    pull(controller) {
      if (position >= bytes.length) return controller.close();
      controller.enqueue(bytes.slice(position, position + chunkBytes));
      position += chunkBytes;
    },
  });
}

type Sending = (world: World, door: Door, body: Body, headers: Record<string, string>) => ReturnType<World["ask"]>;

const chunked: Sending = (to, door, body, headers) =>
  to.ask(door.path(to.target), {
    method: door.method,
    headers: { "content-type": body.type, ...headers },
    body: streamOf(typeof body.bytes === "string" ? new TextEncoder().encode(body.bytes) : body.bytes),
  });
const announcing =
  (length: string): Sending =>
  (to, door, body, headers) =>
    chunked(to, door, body, { ...headers, "content-length": length });

const sendings: readonly (readonly [string, Sending])[] = [
  ["as it is", (to, door, body, headers) => knock(to, door, headers, { body })],
  ["in chunks", chunked],
  ["Content-Length 1", announcing("1")],
  ["Content-Length 100", announcing("100")],
  ["Content-Length far too large", announcing("99999999999")],
  ["Content-Length negative", announcing("-1")],
  ["Content-Length in words", announcing("ten")],
  ["Content-Length twice", announcing("10, 10")],
  ["Content-Length in hex", announcing("0x10")],
  [
    "Transfer-Encoding beside Content-Length",
    (to, door, body, headers) => announcing("10")(to, door, body, { ...headers, "transfer-encoding": "chunked" }),
  ],
  ["Expect", (to, door, body, headers) => chunked(to, door, body, { ...headers, expect: "100-continue" })],
];

const oversized: readonly (readonly [string, () => Body])[] = [
  ["a file one byte too large", () => formOf([large(262_145)])],
  ["a body over the request's limit", () => formOf([large(262_000), { name: "a", body: "x".repeat(60_000) }])],
];
suite(
  "9 uploads over a limit",
  uploads.flatMap((door) =>
    oversized.flatMap(([what, bodyOf]) =>
      sendings.map(([how, send]) => ({
        door: door.name,
        variant: `${what}, ${how}`,
        run: async () => {
          const answer = await send(world, door, bodyOf(), await identify(door.tokenIn, "ann"));
          expectRefused(door, answer, "file_too_large", "body_too_large");
        },
      })),
    ),
  ),
  { leavesNothing: true },
);

suite(
  "9 uploads that announce nothing",
  across(uploads, [["Content-Length 0 and a body", "0"]], async (door, length) => {
    const body = formOf(pictureParts);
    const answer = await announcing(length)(world, door, body, await identify(door.tokenIn, "ann"));
    expectRefused(door, answer, "content_type_unsupported");
  }),
  { leavesNothing: true },
);

suite(
  "9 uploads that are longer than they announce",
  across(
    uploads,
    [1, 100].map((bytes) => [`Content-Length ${bytes}`, String(bytes)] as const),
    async (door, length) => {
      const answer = await announcing(length)(world, door, formOf(pictureParts), await identify(door.tokenIn, "ann"));
      expectRefused(door, answer, "body_too_large");
    },
  ),
  { leavesNothing: true },
);

suite(
  "9 uploads with a Content-Encoding",
  across(
    uploads,
    ["gzip", "br", "GZIP, identity", "aws-chunked"].map((coding) => [coding, coding] as const),
    async (door, coding) => {
      const headers = { ...(await identify(door.tokenIn, "ann")), "content-encoding": coding };
      const answer = await chunked(world, door, formOf(pictureParts), headers);
      expectRefused(door, answer, "content_type_unsupported");
      expect(answer.headers.get("accept-encoding")).toBe("identity");
    },
  ),
  { leavesNothing: true },
);

suite(
  "9 a good file before one that is too large",
  across(
    uploads.filter(({ maxFiles }) => maxFiles > 1),
    sendings,
    async (door, send) => {
      const body = formOf([...pictureParts, large(262_145)]);
      const answer = await send(world, door, body, await identify(door.tokenIn, "ann"));
      expectRefused(door, answer, "file_too_large", "body_too_large");
    },
  ),
  { leavesNothing: true },
);

const jsonDoors: readonly Door[] = [
  deleteDoor,
  queryDoors.noteJson,
  queryDoors.find,
  queryDoors.keepDocument,
  queryDoors.findDocument,
  ...fileRoutes.map(({ door }) => door).filter(({ name }) => name.endsWith("issue link")),
];
const largeJson: readonly (readonly [string, Body, readonly ("body_too_large" | "body_malformed")[]])[] = [
  ["one long text", jsonOf({ key: "x".repeat(MAX_JSON_BYTES) }), ["body_too_large"]],
  ["blanks behind it", { ...jsonOf(0), bytes: `{}${" ".repeat(MAX_JSON_BYTES)}` }, ["body_too_large"]],
  ["blanks before it", { ...jsonOf(0), bytes: `${"\n".repeat(MAX_JSON_BYTES)}{}` }, ["body_too_large"]],
  [
    "thousands of members",
    { ...jsonOf(0), bytes: `{${Array.from({ length: 1000 }, (_, at) => `"a${at}":1`).join(",")}}` },
    ["body_too_large"],
  ],
  ["101 levels", { ...jsonOf(0), bytes: "[".repeat(101) + "]".repeat(101) }, ["body_malformed"]],
  ["2,000 levels", { ...jsonOf(0), bytes: "[".repeat(2000) + "]".repeat(2000) }, ["body_malformed"]],
  ["600 levels of objects", { ...jsonOf(0), bytes: '{"a":'.repeat(600) + "1" + "}".repeat(600) }, ["body_malformed"]],
  ["open levels", { ...jsonOf(0), bytes: "[".repeat(3000) }, ["body_malformed"]],
  ["no JSON", { ...jsonOf(0), bytes: "{key:'k'}" }, ["body_malformed"]],
  ["JSON and more", { ...jsonOf(0), bytes: '{"key":"k"}{"key":"x"}' }, ["body_malformed"]],
  ["no UTF-8", { ...jsonOf(0), bytes: Uint8Array.of(0x22, 0xff, 0xfe, 0x22) }, ["body_malformed"]],
  ["UTF-16", { ...jsonOf(0), bytes: Uint8Array.of(0xff, 0xfe, 0x7b, 0, 0x7d, 0) }, ["body_malformed"]],
  ["a comment", { ...jsonOf(0), bytes: '{"key":"k" /* x */}' }, ["body_malformed"]],
  ["NaN", { ...jsonOf(0), bytes: '{"key":NaN}' }, ["body_malformed"]],
  ["cut short", { ...jsonOf(0), bytes: '{"key":"k"' }, ["body_malformed"]],
];
suite(
  "9 JSON that is too large, too deep or none",
  jsonDoors.flatMap((door) =>
    largeJson.map(([variant, body, codes]) => ({
      door: door.name,
      variant,
      run: async () => {
        expectRefused(door, await knock(world, door, await identify(door.tokenIn, "ann"), { body }), ...codes);
      },
    })),
  ),
  { leavesNothing: true },
);

suite(
  "9 a client that goes away in the middle",
  across(
    uploads,
    [1, 100, 200, 5000].map((bytes) => [`after ${bytes} bytes`, bytes]),
    async (door, bytes) => {
      const body = formBody([large(200_000)]).subarray(0, bytes);
      let isSent = false;
      const stream = new ReadableStream<Uint8Array>({
        pull(controller) {
          if (isSent) return controller.error(new Error("gone"));
          isSent = true;
          controller.enqueue(body);
        },
      });
      const headers = { ...(await identify(door.tokenIn, "ann")), "content-type": formOf([]).type };
      const answer = await world.ask(door.path(world.target), { method: "POST", headers, body: stream });
      expectRefused(door, answer, "body_malformed");
    },
  ),
  { leavesNothing: true },
);

/** 64 MB of texts: they must never be held together. */
const fieldSets: readonly (readonly [string, number, number])[] = [
  ["999 fields of 64 KiB", 999, 65_536],
  ["two hundred fields of 20 KiB", 200, 20_480],
  ["one name nine hundred times", 900, 8192],
];
suite(
  "27 fields that fill an isolate",
  [...uploads, queryDoors.noteForm].flatMap((door) =>
    fieldSets.map(([variant, count, bytes]) => ({
      door: door.name,
      variant,
      run: async () => {
        const value = "x".repeat(bytes);
        let sent = 0;
        const isOneName = variant.startsWith("one");
        const stream = new ReadableStream<Uint8Array>({
          pull(controller) {
            if (sent >= count) return controller.close();
            const last = sent + 1 === count;
            const text = formBody([{ name: isOneName ? "a" : `f${sent}`, body: value }]);
            sent += 1;
            const ending = formBody([]).length;
            controller.enqueue(last ? text : text.subarray(0, text.length - ending));
          },
        });
        const headers = { ...(await identify(door.tokenIn, "ann")), "content-type": fieldsOf({}).type };
        const answer = await roomy.ask(door.path(roomy.target), { method: "POST", headers, body: stream });
        expectRefused(door, answer, "body_too_large");
        expect(sent * bytes).toBeLessThan(4 * 1024 * 1024);
      },
    })),
  ),
  { leavesNothing: true },
);
