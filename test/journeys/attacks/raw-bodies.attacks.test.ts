/** Files that are bodies of their own: lengths that lie, names that no client writes, forms in disguise, and PUT where it is none's. */
import { expect } from "vitest";
import { png } from "../../support/pictures.ts";
import { abiUploadDoors, deleteDoor, formOf, picture, pictureParts, queryDoors, type Door } from "./support/doors.ts";
import { across, named, suite } from "./support/suite.ts";
import { expectInert, expectRefused, readStoredFile } from "./support/verdicts.ts";
import { identify, newCaller, openWorld, send, type Asked } from "./support/world.ts";

const MAX_FILE_BYTES = 262_144;
const world = openWorld();
const raw = abiUploadDoors("narrow").filter(({ isRaw }) => isRaw);
const others: readonly Door[] = [
  ...abiUploadDoors("narrow").filter(({ isRaw }) => !isRaw),
  deleteDoor,
  ...Object.values(queryDoors),
];

type Bytes = Uint8Array<ArrayBuffer>;
type Headers = Readonly<Record<string, string>>;

const sendBody = async (door: Door, body: NonNullable<Asked["body"]>, headers: Headers, to = world) =>
  to.ask(door.path(to.target), {
    method: door.method,
    headers: { "content-type": "image/png", ...(await identify(door.tokenIn, newCaller())), ...headers },
    body,
  });

/** In chunks; at the end of the bytes it does what is given. */
function streamOf(bytes: Bytes, end: (stream: ReadableStreamDefaultController<Uint8Array>) => void): ReadableStream {
  let position = 0;
  return new ReadableStream<Uint8Array>({
    pull(stream) {
      if (position >= bytes.length) return end(stream);
      stream.enqueue(bytes.slice(position, position + 16_384));
      position += 16_384;
    },
  });
}
const whole = (bytes: Bytes) => streamOf(bytes, (stream) => stream.close());

const base = png([1, 2, 3], 4, 3, 1).length - 1;
const large = (bytes: number): Bytes => new Uint8Array(png([1, 2, 3], 4, 3, bytes - base));

const lengths: readonly (readonly [
  what: string,
  length: string,
  code: "body_too_large" | "body_malformed" | "file_missing" | "file_too_large",
])[] = [
  ["one byte less", String(picture.length - 1), "body_too_large"],
  ["one byte", "1", "body_too_large"],
  ["one byte more", String(picture.length + 1), "body_malformed"],
  ["as long as a file may be", String(MAX_FILE_BYTES), "body_malformed"],
  ["longer than a file may be", String(MAX_FILE_BYTES + 1), "file_too_large"],
  ["more than a disk holds", "9".repeat(20), "file_too_large"],
  ["nothing", "0", "file_missing"],
];
suite(
  "9 raw bodies that are not as long as they say",
  across(
    raw,
    lengths.map(([what, ...rest]) => [what, rest] as const),
    async (door, [length, code]) => {
      expectRefused(door, await sendBody(door, whole(picture), { "content-length": length }), code);
    },
  ),
  { leavesNothing: true },
);

const announced: readonly (readonly [string, Headers])[] = [
  ["as it is", {}],
  ["Content-Length negative", { "content-length": "-1" }],
  ["Content-Length in words", { "content-length": "ten" }],
  ["Content-Length twice", { "content-length": "10, 10" }],
  ["Transfer-Encoding", { "transfer-encoding": "chunked" }],
  ["Expect", { expect: "100-continue" }],
  ["a long name", { "content-disposition": `attachment; filename="${"a".repeat(1000)}"` }],
];
suite(
  "9 raw bodies over the limit",
  across(raw, announced, async (door, headers) => {
    expectRefused(door, await sendBody(door, whole(large(MAX_FILE_BYTES + 1)), headers), "file_too_large");
  }),
  { leavesNothing: true },
);

suite(
  "9 a raw body whose sender goes away",
  across(
    raw,
    [0, 1, 100, 20_000, 200_000].map((bytes) => [`after ${bytes} bytes`, bytes]),
    async (door, bytes) => {
      const cut = streamOf(large(200_001).slice(0, bytes), (stream) => stream.error(new Error("gone")));
      expectRefused(door, await sendBody(door, cut, {}), "body_malformed");
    },
  ),
  { leavesNothing: true },
);

suite(
  "17 a raw body whose sender stops",
  across(raw, [["half-way, for longer than is waited", 50_000]], async (door, bytes) => {
    const to = world.beside({ MAX_IDLE_SECONDS: "1" });
    let sent = false;
    const slow = new ReadableStream<Uint8Array>({
      pull(stream) {
        if (sent) return new Promise<void>(() => undefined);
        sent = true;
        return stream.enqueue(large(100_000).slice(0, bytes));
      },
    });
    expectRefused(door, await sendBody(door, slow, {}, to), "client_too_slow");
  }),
  { leavesNothing: true },
);

const refusedHeaders: readonly (readonly [
  string,
  Headers,
  "content_type_unsupported" | "body_malformed" | "body_too_large",
])[] = [
  ["gzip", { "content-encoding": "gzip" }, "content_type_unsupported"],
  ["GZIP, identity", { "content-encoding": "GZIP, identity" }, "content_type_unsupported"],
  ["aws-chunked", { "content-encoding": "aws-chunked" }, "content_type_unsupported"],
  ["a range", { "content-range": "bytes 0-9/100" }, "body_malformed"],
  ["a range of all", { "content-range": `bytes 0-${picture.length - 1}/${picture.length}` }, "body_malformed"],
  ["a range that is none", { "content-range": "x" }, "body_malformed"],
  ["two names", { "content-disposition": 'attachment; filename="a"; filename="b"' }, "body_malformed"],
  ["two headers", { "content-disposition": 'attachment; filename="a", inline; filename="b"' }, "body_malformed"],
  ["an open quote", { "content-disposition": 'attachment; filename="a' }, "body_malformed"],
  ["no kind", { "content-disposition": 'filename="a.png"' }, "body_malformed"],
  ["a line break", { "content-disposition": "attachment; filename*=UTF-8''a%0d%0aSet-Cookie:%20x" }, "body_malformed"],
  ["half a character", { "content-disposition": "attachment; filename*=UTF-8''%e2%82" }, "body_malformed"],
  ["another charset", { "content-disposition": "attachment; filename*=UTF-7''+ADw-a" }, "body_malformed"],
  [
    "a name of over 1,024 bytes",
    { "content-disposition": `attachment; filename*=UTF-8''${"%C3%A9".repeat(513)}` },
    "body_too_large",
  ],
  ["a field of over 1,024 bytes", { "content-disposition": `form-data; name="${"a".repeat(1025)}"` }, "body_too_large"],
  ["a form without a boundary", { "content-type": "multipart/form-data" }, "body_malformed"],
  ["a form with two", { "content-type": "multipart/form-data; boundary=a; boundary=b" }, "body_malformed"],
];
suite(
  "8 raw bodies with headers that no client writes",
  across(
    raw,
    refusedHeaders.map(([what, ...rest]) => [what, rest] as const),
    async (door, [headers, code]) => {
      expectRefused(door, await sendBody(door, picture, headers), code);
    },
  ),
  { leavesNothing: true },
);

const form = formOf(pictureParts);
const disguises = [
  form.type.replace("multipart/form-data", "multipart/mixed"),
  form.type.replace("multipart/form-data", "multipart/form-data-x"),
  `text/plain; ${form.type}`,
  `image/png, ${form.type}`,
  `image/png; charset="${form.type}`,
  form.type.replace("form-data", "form\u00addata"),
];
suite(
  "8 forms under another type",
  across(raw, named(disguises), async (door, type) => {
    // The bytes of a form are no picture, whatever the type makes of them.
    expectRefused(
      door,
      await sendBody(door, form.bytes, { "content-type": type }),
      "file_type_not_allowed",
      "file_type_mismatch",
    );
  }),
  { leavesNothing: true },
);

const harmless = [
  'attachment; filename="..\\\\..\\\\..\\\\x.png"',
  "attachment; filename*=UTF-8''..%2F..%2Fetc%2Fpasswd",
  "inline; filename*=UTF-8''%E2%80%AEgnp.exe",
  'attachment; filename="<script>alert(1)</script>.html"',
  'attachment; filename="=?utf-8?b?Li4vLi4vYQ==?="',
  'form-data; name="__proto__"; filename="constructor"',
  'form-data; name="file[]"; filename="a.png"',
  "attachment",
];
suite(
  "4 names of raw bodies",
  across(raw, named(harmless), async (door, disposition) => {
    const answer = await sendBody(door, picture, { "content-disposition": disposition });
    const file = await readStoredFile(world, door, "ann", answer);
    expect(file.key).toMatch(/^narrow\/caller-\d+\/[\w-]+\.png$/);
    // oxlint-disable-next-line no-control-regex
    expect(file.name).not.toMatch(/[/\\\u0000-\u001f\u202e]/);
    const opened = await world.ask(file.readUrl);
    expectInert(opened);
    expect(opened.bytes).toEqual(new Uint8Array(picture));
  }),
);

suite(
  "32 PUT where no file is a body of its own",
  across(others, [["a picture", picture]], async (door, body) => {
    const headers = { ...(await identify(door.tokenIn, newCaller())), "content-type": "image/png" };
    const answer = await world.ask(door.path(world.target), { method: "PUT", headers, body });
    expectRefused(door, answer, "method_not_allowed");
    expect(answer.headers.get("allow")).not.toContain("PUT");
  }),
  { leavesNothing: true },
);

suite(
  "12 one key for a raw body and its form",
  across(
    raw,
    [
      ["the form first", true],
      ["the body first", false],
    ] as const,
    async (door, isFormFirst) => {
      const caller = newCaller();
      const headers = { "idempotency-key": crypto.randomUUID() };
      const asForm = async () => send(world, { ...door, isRaw: false }, caller, pictureParts, headers);
      const asBody = async () => send(world, door, caller, pictureParts, headers);
      const [first, second] = isFormFirst ? [asForm, asBody] : [asBody, asForm];
      const stored = await readStoredFile(world, door, caller, await first());
      const again = await second();
      // One file of one name, by one method: whichever way it comes again, nothing is stored twice.
      expect((await readStoredFile(world, door, caller, again)).key).toBe(stored.key);
      expect(again.headers.get("idempotent-replayed")).toBe("true");
    },
  ),
);
