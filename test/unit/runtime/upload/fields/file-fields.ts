/** Files by the fields of their form: the right file in the right column in whatever order they come, or a refusal. */
import { env } from "cloudflare:workers";
import { beforeEach, describe, expect, inject, test } from "vitest";
import type { Json } from "../../../../../src/contract/plan.ts";
import { createSluice } from "../../../../../src/index.ts";
import type { Engine } from "../../../../../src/runtime/database/engine.ts";
import { callerOf, dataOf, expectProblem, token, upload, type FormPart } from "../../../../support/app.ts";
import { buildOf } from "../../../../support/build.ts";
import { png } from "../../../../support/pictures.ts";
import { secrets } from "../../../../support/secrets.ts";
import { recordingQueues } from "../../jobs/support.ts";

export interface FieldsHarness {
  readonly engine: Engine;
  readonly bindings: Readonly<Record<string, unknown>>;
  readonly run: (sql: string) => Promise<readonly Readonly<Record<string, unknown>>[]>;
  /** The statement that makes the table. */
  readonly table: string;
}

const pdf = (name: string): FormPart => ({
  name,
  fileName: `${name}.pdf`,
  type: "application/pdf",
  body: "%PDF-1.4\n%%EOF\n",
});
const picture = (name: string, shade = 40): FormPart => ({
  name,
  fileName: `${name}-${shade}.png`,
  type: "image/png",
  body: png([shade, 90, 90], 6, 4),
});
const text = (name: string, body: string): FormPart => ({ name, body });
const letter: FormPart = { name: "letter", fileName: "letter.txt", type: "text/plain", body: "Dear all" };

const orders: readonly (readonly [string, readonly FormPart[]])[] = [
  ["document first", [pdf("document"), picture("selfie")]],
  ["selfie first", [picture("selfie"), pdf("document")]],
  ["with a letter in between", [picture("selfie"), letter, pdf("document")]],
  ["texts between them", [text("a", "1"), picture("selfie"), text("document", "a text"), pdf("document")]],
];

const refused: readonly (readonly [string, readonly FormPart[], number, string, string])[] = [
  ["the document is missing", [picture("selfie")], 422, "file_missing", "document"],
  ["the document is a text", [text("document", "x"), picture("selfie")], 422, "file_missing", "document"],
  ["both are missing", [letter], 422, "file_missing", "document"],
  ["no file at all", [text("a", "1")], 422, "file_missing", "document"],
  ["the document is empty", [{ ...pdf("document"), body: "" }, picture("selfie")], 422, "file_missing", ""],
  ["two documents", [pdf("document"), pdf("document"), picture("selfie")], 422, "too_many_files", "document"],
  ["another name", [pdf("document"), picture("selfie"), picture("photo")], 422, "payload_invalid", "photo"],
  ["a name with brackets", [pdf("document[]"), picture("selfie")], 422, "payload_invalid", "document[]"],
  ["another case", [pdf("Document"), picture("selfie")], 422, "payload_invalid", "Document"],
  ["a name of a prototype", [pdf("__proto__"), picture("selfie")], 422, "payload_invalid", "__proto__"],
  ["an empty name", [pdf(""), picture("selfie")], 422, "payload_invalid", ""],
  ["swapped", [picture("document"), pdf("selfie")], 415, "file_type_not_allowed", ""],
  [
    "a document over its own limit",
    [picture("selfie"), { ...pdf("document"), body: `%PDF-1.4\n${" ".repeat(1000)}` }],
    413,
    "file_too_large",
    "",
  ],
];

type Row = Record<string, Json>;

export function describeFileFields({ engine, run, table, ...harness }: FieldsHarness): void {
  const build = buildOf(inject("compiled").fileFields, engine);
  const { sent, bindings: queues } = recordingQueues();
  const bindings = { ...harness.bindings, ...secrets, ...queues };
  const call = callerOf(build, bindings);
  const caller = async () => ({
    "x-access-token": await token({ id: "ann", email: "ann@example.com" }, { secret: secrets.JWT_SECRET_KEY }),
  });
  const send = async (path: string, parts: readonly FormPart[]) => upload(call, path, await caller(), parts);
  const runJobs = async () => {
    const settled = { ack: () => undefined, retry: () => undefined };
    const messages = sent.splice(0).map(({ body }, index) => ({
      id: `m${index}`,
      timestamp: new Date(),
      attempts: 1,
      body,
      ...settled,
    }));
    await createSluice(build).queue({ queue: "sluice-jobs", messages }, { ...env, ...bindings } as Env);
  };
  const readPapers = async () => run("SELECT * FROM papers");
  beforeEach(async () => {
    sent.splice(0);
    await run("DROP TABLE IF EXISTS papers");
    await run(table);
  });
  const objects = async () => (await env.BUCKET.list()).objects.map(({ key }) => key);

  describe("named fields", () => {
    test.each(orders)("%s", async (_, parts) => {
      const row = await dataOf<Row>(await send("/papers", parts));
      expect(row["document_key"]).toMatch(/^papers\/[\w-]+\.pdf$/);
      expect(row["selfie_key"]).toMatch(/^selfies\/ann\/[\w-]+\.png$/);
      expect(row["selfie_width"]).toBe(6);
      const hasLetter = parts.includes(letter);
      expect(row["letter_key"]).toEqual(hasLetter ? expect.stringMatching(/^papers\/[\w-]+\.txt$/) : null);
      expect(await objects()).toHaveLength(hasLetter ? 3 : 2);
    });

    test.each(orders)("in a job: %s", async (_, parts) => {
      expect((await send("/papers-job", parts)).status).toBe(202);
      await runJobs();
      const [row, ...more] = await readPapers();
      expect(more).toEqual([]);
      expect(row?.["document_key"]).toMatch(/\.pdf$/);
      expect(row?.["selfie_key"]).toMatch(/^selfies\/ann\//);
      expect(row?.["letter_key"] === null).toBe(!parts.includes(letter));
    });

    test.each(refused)("refused: %s", async (_, parts, status, code, field) => {
      for (const path of ["/papers", "/papers-job"]) {
        const problem = await expectProblem(await send(path, parts), status, code as never);
        if (field !== "") expect(problem).toMatchObject({ field });
        if (code === "payload_invalid") expect(problem["expected"]).toEqual(["document", "selfie", "letter"]);
      }
      expect(await objects()).toEqual([]);
      expect(await readPapers()).toEqual([]);
    });

    test("visibility is the field's", async () => {
      const row = await dataOf<Record<string, string>>(await send("/papers", orders[0]?.[1] ?? []));
      expect((await call(`/files/${row["document_key"]}`)).status).toBe(404);
      expect((await call(`/files/${row["selfie_key"]}`)).status).toBe(200);
    });

    test("without a QUERY each row names its field", async () => {
      const rows = await dataOf<Row[]>(await send("/bare", [picture("cover"), picture("photos")]));
      expect(rows.map((row) => row["field_name"])).toEqual(["cover", "photos"]);
      expect(rows.every((row) => !("texts" in row))).toBe(true);
    });

    test("an optional field alone may be missing, with a key as well", async () => {
      expect(await dataOf(await send("/optional", [text("a", "1")]))).toEqual({ owner: "ann", letter_key: null });
      const keyed = { ...(await caller()), "idempotency-key": crypto.randomUUID() };
      const first = await dataOf(await upload(call, "/optional", keyed, [text("a", "1")]));
      expect(await dataOf(await upload(call, "/optional", keyed, [text("a", "1")]))).toEqual(first);
      expect(await readPapers()).toHaveLength(2);
    });
  });

  describe("texts of files", () => {
    const captions = ["one", "two", "three"];
    const shades = [10, 20, 30];
    const photos = shades.map((shade) => picture("photos", shade));

    test.each<[string, readonly FormPart[], readonly (string | null)[]]>([
      ["behind the files", [...photos, ...captions.map((caption) => text("caption", caption))], captions],
      ["before them", [...captions.map((caption) => text("caption", caption)), ...photos], captions],
      ["one for all", [text("caption", "all"), ...photos], ["all", "all", "all"]],
      ["none", photos, [null, null, null]],
    ])("%s", async (_, parts, expected) => {
      const rows = await dataOf<Row[]>(await send("/album", [...parts, picture("cover", 99)]));
      expect(rows.map((row) => row["caption"])).toEqual(expected);
      expect(rows.map((row) => row["field"])).toEqual(["photos", "photos", "photos"]);
      expect(new Set(rows.map((row) => row["document_key"])).size).toBe(3);
      expect(new Set(rows.map((row) => row["selfie_key"])).size).toBe(1);
    });

    test.each([2, 4])("%i for three files are refused", async (count) => {
      const texts = Array.from({ length: count }, (_, index) => text("caption", String(index)));
      const problem = await expectProblem(await send("/album", [...photos, ...texts]), 422, "payload_invalid");
      expect(problem).toMatchObject({ field: "caption" });
      expect(await objects()).toEqual([]);
    });

    test("of all files, whatever their fields", async () => {
      const parts = [picture("cover", 5), text("caption", "c"), picture("photos", 6), text("caption", "p")];
      const rows = await dataOf<Row[]>(await send("/album-all", parts));
      expect(rows.map((row) => [row["field"], row["caption"]])).toEqual([
        ["cover", "c"],
        ["photos", "p"],
      ]);
    });
  });

  describe("fields that a step before the upload reads", () => {
    const circle = text("circle_id", "c");
    const owner = text("owner", "ann");
    beforeEach(async () => {
      await run("INSERT INTO papers (id, owner) VALUES ('c', 'ann')");
    });

    test.each<[string, readonly FormPart[]]>([
      ["before the files", [circle, picture("a"), picture("b")]],
      ["the optional one as well", [owner, circle, picture("a")]],
      ["others behind the files", [circle, picture("a"), text("note", "n")]],
    ])("%s", async (_, parts) => {
      expect(await dataOf<Row[]>(await send("/allowed", parts))).not.toEqual([]);
    });

    test.each<[string, readonly FormPart[], string]>([
      ["behind the file", [picture("a"), circle], "circle_id"],
      ["between the files", [owner, picture("a"), circle, picture("b")], "circle_id"],
      ["not at all", [picture("a")], "circle_id"],
      ["the optional one behind", [circle, picture("a"), owner], "owner"],
      ["the optional one between", [circle, picture("a"), owner, picture("b")], "owner"],
    ])("refused: %s", async (_, parts, field) => {
      const problem = await expectProblem(await send("/allowed", parts), 422, "payload_invalid");
      expect(problem).toMatchObject({ field });
      expect(problem["detail"]).toContain("Send fields before files");
      expect(await objects()).toEqual([]);
    });

    test("a row that is not there is told as that", async () => {
      const parts = [text("circle_id", "other"), picture("a")];
      await expectProblem(await send("/allowed", parts), 422, "row_missing");
    });
  });

  describe("min_file_uploads", () => {
    test("fewer are refused, as many are taken", async () => {
      await expectProblem(await send("/some", [picture("a")]), 422, "file_missing");
      expect(await objects()).toEqual([]);
      expect(await dataOf<Row[]>(await send("/some", [picture("a"), picture("b")]))).toHaveLength(2);
    });
  });
}
