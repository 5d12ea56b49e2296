/** `resumable`: what the Worker gets, and what a file that comes in pieces cannot be together with. */
import { describe, expect, test } from "vitest";
import { drawTable } from "../../../../src/cli/endpoint-table.ts";
import { emitBuild, emitWorker, featuresOf } from "../../../../src/compiler/emit.ts";
import { mostResumableBytes } from "../../../../src/contract/limits.ts";
import { abi, asUpload, compile, diagnose, plan, query, upload } from "../support.ts";

type Members = Readonly<Record<string, unknown>>;

const inPieces = (uploads: Members = {}, more: Record<string, unknown> = {}) =>
  abi([upload({ resumable: true, ...uploads })], more);
const at = "a.json/actionables/0/uploads";

describe("in the plan", () => {
  test("only where an ABI says so", async () => {
    expect(asUpload((await plan(inPieces())).steps[0]).resumable).toBe(true);
    for (const uploads of [{ resumable: false }, {}]) {
      expect(asUpload((await plan(abi([upload(uploads)]))).steps[0])).not.toHaveProperty("resumable");
    }
  });

  test("of one file among several, of open endpoints, of named fields, and in the background", async () => {
    const open = { tokenize: undefined, protected: undefined };
    const fields = { fields: { video: { required: true }, subtitles: { min_files: 0 } } };
    for (const [uploads, more] of [
      [{ max_file_uploads: 5 }, {}],
      [{ min_file_uploads: 0 }, {}],
      [{}, open],
      [fields, {}],
      [{}, { run_in_background: true, returnables: undefined }],
    ] as const) {
      const insert = query(2, "INSERT INTO albums (id, owner) VALUES ($1, 'x')", ["$GENERATOR.KSUID"]);
      expect(await diagnose(abi([upload({ resumable: true, ...uploads }), insert], more))).toEqual([]);
    }
  });

  test("up to R2's parts, whatever a request may have", async () => {
    const size = { max_upload_file_size: mostResumableBytes };
    expect(await diagnose(abi([upload(size)]))).toEqual([expect.stringContaining("(MAX_REQUEST_BYTES)")]);
    expect(await diagnose(inPieces(size))).toEqual([]);
    expect(asUpload((await plan(inPieces(size))).steps[0]).maxFileBytes).toBe(mostResumableBytes);
    const field = { fields: { video: { max_upload_file_size: mostResumableBytes } } };
    expect(await diagnose(inPieces(field))).toEqual([]);
  });
});

const video = { fields: { video: { min_files: 2, max_files: 2 } } };
const hook = { verifications: { HeaderTokenVerifier: { header_key: "X", secret_key: "$ENV.HOOK" } } };
const open = { tokenize: undefined, protected: undefined };

test.each<[title: string, source: Record<string, unknown>, line: string]>([
  [
    "a text",
    inPieces({ resumable: "true" }),
    `${at}/resumable: expected true or false, found a string; write true, without quotes`,
  ],
  [
    "a byte more than R2's parts",
    inPieces({ max_upload_file_size: mostResumableBytes + 1 }),
    `${at}/max_upload_file_size: expected at most 83886080000, R2's 10,000 parts of 8 MiB`,
  ],
  [
    "the same in a field",
    inPieces({ fields: { video: { max_upload_file_size: mostResumableBytes + 1 } } }),
    `${at}/fields/video/max_upload_file_size: expected at most 83886080000`,
  ],
  ["strip_metadata", inPieces({ strip_metadata: true }), `${at}/strip_metadata: cannot be together with resumable`],
  [
    "strip_metadata of a field",
    inPieces({ fields: { photo: { strip_metadata: true } } }),
    `${at}/fields/photo/strip_metadata: cannot be together with resumable`,
  ],
  [
    "two files",
    inPieces({ max_file_uploads: 2, min_file_uploads: 2 }),
    `${at}/min_file_uploads: 2 files are required, and a resumable upload is of one`,
  ],
  ["two files of a field", inPieces(video), `${at}/fields: 2 files are required, and a resumable upload is of one`],
  [
    "a webhook",
    inPieces({}, { ...open, webhook: hook }),
    `${at}/resumable: cannot be together with webhook, which proves one request`,
  ],
  [
    "a deletion",
    inPieces({ allowed_mimetypes: undefined, delete_files: true }),
    `${at}/resumable: has no meaning beside delete_files`,
  ],
  ["an endpoint that is read", inPieces({}, { methods: ["GET"] }), `expected "methods": ["POST"]`],
  [
    "passwords",
    abi(
      [
        query(1, "SELECT id, title FROM albums WHERE id = $1", ["$PAYLOAD.name"], {
          verify_hashables: [{ property: "title", algorithm: "BCRYPT" }],
        }),
        { ...upload({ resumable: true }), id: 2 },
      ],
      open,
    ),
    `a.json/actionables/1/uploads/resumable: cannot be where passwords are read or a token is issued: answers are kept`,
  ],
])("refuses %s", async (_, source, line) => {
  const found = await diagnose(source);
  expect(found.filter((one) => one.includes(line))).toHaveLength(1);
  expect(found.filter((one) => !one.includes("warning"))).toHaveLength(1);
});

test("the Worker's module exports the class, and its build names the feature", async () => {
  const names = featuresOf([await plan(inPieces())], false);
  expect(names).toContain("resumable");
  const nameOf = (module: string) => `sluice${module.slice(1)}`;
  expect(emitBuild("d1", names, nameOf)).toContain('import { resumable } from "sluice/resumable";');
  const both = emitWorker({ objects: ["rateLimits", "resumable"], openApi: false }, nameOf);
  expect(both).toContain('export { ResumableUpload } from "sluice/resumable";');
  expect(both).toContain('export { RateLimiter } from "sluice/rate-limits";');
});

test("the table says it beside the files", async () => {
  const table = drawTable(
    new Map([["D1", await compile([inPieces({ max_upload_file_size: 1000 })])]]),
    "D1",
    () => null,
  );
  expect(table).toContain("resumable");
});
