/** quota: what the Worker gets, what is refused and in which words, and the table that shows it. */
import { describe, expect, test } from "vitest";
import { drawTable } from "../../../../src/cli/endpoint-table.ts";
import type { Plan } from "../../../../src/contract/plan.ts";
import { abi, compile, diagnose, plan, upload } from "../support.ts";

const open = { tokenize: undefined, protected: undefined };
const size = { max_upload_file_size: 1000 };
const limited = (quota: unknown, more: Record<string, unknown> = {}, uploads: object = {}) =>
  abi([upload({ ...size, ...uploads, quota })], more);
const quotaOf = ({ steps }: Plan) => steps.flatMap((step) => (step.mode === "upload" ? (step.quota ?? []) : []));

describe("is compiled", () => {
  test.each([
    [{ files: 50 }, { name: "test-01", maxFiles: 50 }],
    [{ bytes: 1000 }, { name: "test-01", maxBytes: 1000 }],
    [
      {
        bytes: 9_007_199_254_740_991,
        files: 1_000_000_000,
        per: "$PROTECTED.id",
        window: 31_622_400,
        name: "all.of_it",
      },
      {
        name: "all.of_it/31622400",
        per: { from: "claim", path: ["id"] },
        maxBytes: 9_007_199_254_740_991,
        maxFiles: 1_000_000_000,
        windowSeconds: 31_622_400,
      },
    ],
    [
      { files: 1, per: "$HEADER.IP", window: 1 },
      { name: "test-01/1", per: { from: "header", name: "ip" }, maxFiles: 1, windowSeconds: 1 },
    ],
  ])("%j", async (written, compiled) => {
    expect(await diagnose(limited(written))).toEqual([]);
    const made = await plan(limited(written));
    expect(quotaOf(made)).toEqual([compiled]);
  });

  test("on an open endpoint, and of named fields", async () => {
    expect(quotaOf(await plan(limited({ files: 2 }, open)))).toHaveLength(1);
    expect(quotaOf(await plan(limited({ files: 2 }, {}, { fields: { a: {}, b: {} } })))).toHaveLength(1);
  });

  test("not without it", async () => {
    expect(quotaOf(await plan(limited(undefined)))).toEqual([]);
  });
});

const expected = "expected $HEADER.ip, or a claim such as $PROTECTED.id";

/** What is wrong → what is said of it. */
const faults: readonly (readonly [name: string, quota: unknown, line: string])[] = [
  ["a number", 5, 'quota: expected an object, found a number; write {"bytes":5}'],
  ["null", null, "quota: expected an object, found null"],
  ["nothing in it", {}, 'quota: limits nothing; expected "bytes" or "files", such as {"bytes": 1000000000}'],
  ["no bytes", { bytes: 0 }, "bytes: must be at least 1"],
  ["negative bytes", { bytes: -5 }, "bytes: must be at least 1"],
  ["huge bytes", { bytes: 1e18 }, "bytes: must be at most 9007199254740991"],
  ["half a byte", { bytes: 1000.5 }, "bytes: expected a whole number, found a number"],
  ["bytes as a text", { bytes: "1000" }, "bytes: expected a whole number, found a string; write 1000, without quotes"],
  ["no files", { files: 0 }, "files: must be at least 1"],
  ["huge files", { files: 1e10 }, "files: must be at most 1000000000"],
  ["files as a list", { files: [1] }, "files: expected a whole number, found a list"],
  ["no window", { files: 1, window: 0 }, "window: must be at least 1"],
  ["a window of two years", { files: 1, window: 63_072_000 }, "window: must be at most 31622400"],
  [
    "a window in days",
    { files: 1, window: "1d" },
    "window: expected a whole number, found a string; write 86400, without quotes",
  ],
  [
    "a name with a slash",
    { files: 1, name: "a/b" },
    "name: expected a plain name: letters, digits, and - _ . between them",
  ],
  [
    "a name with a space",
    { files: 1, name: "a b" },
    "name: expected a plain name: letters, digits, and - _ . between them",
  ],
  ["an empty name", { files: 1, name: "" }, "name: expected a plain name: letters, digits, and - _ . between them"],
  [
    "a misspelt member",
    { file: 1, bytes: 1000 },
    'file: unknown property "file"; expected bytes, files, per, window, name. Did you mean "files"?',
  ],
  ["a text for whom", { files: 1, per: "id" }, `per: "id" is a text: all callers would share one limit; ${expected}`],
  [
    "the body",
    { files: 1, per: "$PAYLOAD.id" },
    `per: $PAYLOAD: the body is not read yet when calls are counted; ${expected}`,
  ],
  [
    "two accessors",
    { files: 1, per: "$PROTECTED.id$HEADER.ip" },
    `per: holds more than one accessor: ${expected}, alone`,
  ],
  [
    "a claim that is not extracted",
    { files: 1, per: "$PROTECTED.sub" },
    "per: $PROTECTED.sub is not in extract_claims (id, email)",
  ],
  ["a list for whom", { files: 1, per: ["$PROTECTED.id"] }, "per: expected a text, found a list"],
];

test.each(faults)("%s is refused", async (_, quota, line) => {
  const found = await diagnose(limited(quota));
  expect(found).toHaveLength(1);
  const place = line.startsWith("quota:") ? line : `quota/${line}`;
  expect(found[0]).toContain(`a.json/actionables/0/uploads/${place}`);
});

test("so is a claim where nobody is known, and fewer files than each call brings", async () => {
  const per = { files: 1, per: "$PROTECTED.id" };
  expect(await diagnose(limited(per, open))).toEqual([
    'a.json/actionables/0/uploads/quota/per: $PROTECTED.id: the endpoint is not protected; expected "tokenize" and "protected"',
  ]);
  const fields = { fields: { a: { required: true }, b: { min_files: 2, max_files: 2 } } };
  expect(await diagnose(limited({ files: 2 }, {}, fields))).toEqual([
    "a.json/actionables/0/uploads/quota/files: no call could ever succeed: each brings at least 3 files",
  ]);
});

test("beside delete_files it means nothing", async () => {
  expect(
    await diagnose(abi([{ id: 1, mode: "UPLOAD", uploads: { delete_files: true, quota: { files: 1 } } }])),
  ).toEqual(["a.json/actionables/0/uploads/quota: has no meaning beside delete_files"]);
});

test("a file that no quota could ever take is warned of", async () => {
  expect(await diagnose(limited({ bytes: 999 }))).toEqual([
    "a.json/actionables/0/uploads/quota/bytes: warning: a file of more than 999 bytes is never stored, and max_upload_file_size is 1000",
  ]);
});

describe("endpoints of one quota", () => {
  const other = (quota: object, id = "other") => limited(quota, { id, resource: id });

  test("may have limits of their own", async () => {
    const one = limited({ name: "all", files: 5, window: 60, per: "$PROTECTED.id" });
    expect(await diagnose(one, other({ name: "all", bytes: 5000, window: 60, per: "$PROTECTED.id" }))).toEqual([]);
    expect(await diagnose(limited({ files: 5 }), other({ files: 5, window: 60 }))).toEqual([]);
  });

  test("count alike", async () => {
    const place = "b.json/actionables/0/uploads/quota";
    const one = limited({ name: "all", files: 5, window: 60, per: "$PROTECTED.id" });
    expect(await diagnose(one, other({ name: "all", files: 5, window: 61, per: "$HEADER.ip" }))).toEqual([
      `${place}/per: a.json shares the quota "all"; expected the same "per": "$PROTECTED.id"`,
      `${place}/window: a.json shares the quota "all"; expected the same "window": 60`,
    ]);
    // An id is a name as well.
    expect(await diagnose(limited({ files: 5 }), other({ name: "test-01", files: 5, window: 60 }))).toEqual([
      `${place}/window: a.json shares the quota "test-01"; expected the same "window": none`,
    ]);
    expect(await diagnose(one, other({ name: "all", files: 5, window: 60 }))).toEqual([
      `${place}: a.json shares the quota "all"; expected the same "per": "$PROTECTED.id"`,
    ]);
  });
});

test("the table shows it among the limits", async () => {
  const quota = { bytes: 5000, files: 50, per: "$PROTECTED.id", window: 3600 };
  const table = drawTable(new Map([["D1", await compile([limited(quota)])]]), "D1", () => null);
  expect(table).toContain("quota 5000 B, 50 files / 3600 s by $PROTECTED.id");
});
