/** Files that get another name: who may, which names there are, and where the new one is seen. */
import { env } from "cloudflare:workers";
import { describe, expect, test } from "vitest";
import type { Json } from "../../../../src/contract/plan.ts";
import type { Engine } from "../../../../src/runtime/database/engine.ts";
import { callerOf, type FormPart } from "../../../support/app.ts";
import { buildOf, runSweep } from "../../../support/build.ts";
import { secrets } from "../../../support/secrets.ts";
import {
  dataOf,
  expectRefusal,
  listOf,
  red,
  uploadedBy,
  user,
  wire,
  type FileDocument,
  type ListPage,
} from "./support.ts";

export interface RenamingHarness {
  readonly engine: Engine;
  readonly bindings: Readonly<Record<string, unknown>>;
  readonly run: (sql: string) => Promise<readonly Readonly<Record<string, unknown>>[]>;
}

const text = (name: string): FormPart => ({ name: "file", fileName: name, type: "text/plain", body: name });

export function describeRenaming({ engine, bindings, run }: RenamingHarness): void {
  const call = callerOf(buildOf([], engine), { ...bindings, ...secrets });
  const signed = { secret: secrets.JWT_SECRET_KEY };
  const [ann, ben] = [user("ann", call, signed), user("ben", call, signed)];
  const rename = (id: string, body: Json, someone = ann, headers: Record<string, string> = {}) =>
    someone.send(`/v1/upload/${id}`, {
      method: "PATCH",
      headers: { "content-type": "application/json", ...headers },
      body: JSON.stringify(body),
    });
  const renamed = async (id: string, name: string) => dataOf(await rename(id, { name }), "file Renamed Successfully");
  const rowOf = async (id: string) => (await run(`SELECT * FROM sluice_files WHERE id = '${id}'`))[0];
  const said = async (path: string) => {
    const answer = await call(path);
    await answer.body?.cancel();
    return [answer.headers.get("etag"), answer.headers.get("content-disposition")];
  };

  describe("renaming", () => {
    test("changes what the file is shown and saved as, and nothing else", async () => {
      const file = await uploadedBy(ann);
      const link = await dataOf<string>(await ann.send(`/v1/upload/url/${file._id}`));
      const [etag] = await said(file.url);
      const answer = await renamed(file._id, "  Zürich at dusk.PNG ");
      expect(answer).toEqual({
        ...file,
        meta: { ...file.meta, originalName: "Zürich at dusk.PNG" },
        updatedAt: answer.updatedAt,
      });
      expect(answer.updatedAt >= file.updatedAt).toBe(true);
      expect(await dataOf(await ann.send(`/v1/upload/${file._id}`))).toEqual(answer);
      const disposition = `inline; filename="Z_rich at dusk.PNG"; filename*=UTF-8''Z%C3%BCrich%20at%20dusk.PNG`;
      for (const address of [file.url, link]) expect(await said(address)).toEqual([etag, disposition]);
    });

    test("to the name that it has already is the same again", async () => {
      const file = await uploadedBy(ann);
      const first = await renamed(file._id, "a.png");
      expect({ ...(await renamed(file._id, "a.png")), updatedAt: first.updatedAt }).toEqual(first);
    });

    test.each<[string, Json]>([
      ["no name", {}],
      ["no object", "a.png"],
      ["a list", [{ name: "a.png" }]],
      ["no text", { name: 1 }],
      ["an empty one", { name: "" }],
      ["spaces alone", { name: "  " }],
      ["a dot", { name: "." }],
      ["a path", { name: "b/a.png" }],
      ["a path of Windows", { name: "b\\a.png" }],
      ["a line break", { name: "a\nb.png" }],
      ["a null", { name: "a\u0000.png" }],
      ["text that runs backwards", { name: "a\u202egnp.exe.png" }],
      ["256 bytes", { name: `${"ü".repeat(126)}.png` }],
      ["half a character", { name: "a\ud800.png" }],
      ["another extension", { name: "a.exe" }],
      ["one that stands for itself", { name: ".png" }],
      ["no extension", { name: "a" }],
      ["something else beside", { name: "a.png", visibility: "public" }],
    ])("is refused: %s", async (_, body) => {
      const file = await uploadedBy(ann);
      const before = await rowOf(file._id);
      const { field } = await expectRefusal(await rename(file._id, body), 422, "payload_invalid");
      expect(field).toBe(typeof body === "object" && body !== null && "visibility" in body ? "visibility" : "name");
      expect(await rowOf(file._id)).toEqual(before);
    });

    test("takes 255 bytes, and any extension of the type", async () => {
      const long = `${"ü".repeat(125)}a.png`;
      expect((await renamed((await uploadedBy(ann))._id, long)).meta["originalName"]).toBe(long);
      const note = await uploadedBy(ann, [text("a.txt")]);
      expect((await renamed(note._id, "a.log")).meta["originalName"]).toBe("a.log");
      const { detail } = await expectRefusal(await rename(note._id, { name: "a.html" }), 422, "payload_invalid");
      expect(detail).toBe('"name" must end with .log, as now.');
    });

    test("a file without an extension stays without, or gets its type's", async () => {
      const file = await uploadedBy(ann, [text("README")]);
      const { detail } = await expectRefusal(await rename(file._id, { name: "run.sh" }), 422, "payload_invalid");
      expect(detail).toBe('"name" must have no extension, as now.');
      expect((await renamed(file._id, "NOTES v1.")).meta["originalName"]).toBe("NOTES v1.");
      expect((await renamed(file._id, "notes.txt")).meta["originalName"]).toBe("notes.txt");
    });

    test("somebody else's file is like one that never was", async () => {
      const file = await uploadedBy(ann);
      const foreign = await wire(await rename(file._id, { name: "b.png" }, ben));
      expect(foreign).toBe(await wire(await rename("f".repeat(24), { name: "b.png" }, ben)));
      expect(foreign).toContain("file_not_found");
      await expectRefusal(await rename("x", { name: "b.png" }), 404, "file_not_found");
      expect(await rowOf(file._id)).toMatchObject({ original_file_name: red.fileName });
    });

    test.each([
      ["pending", "status = 'pending'", 404, "file_not_found"],
      ["deleted", "status = 'deleted', purge_at = '2999-01-01T00:00:00.000Z'", 404, "file_not_found"],
      ["not managed", "file_api = FALSE", 404, "file_not_found"],
      ["over", "expires_at = '2020-01-01T00:00:00.000Z'", 410, "file_expired"],
    ] as const)("a file that is %s keeps its name", async (_, columns, status, code) => {
      const file = await uploadedBy(ann);
      await run(`UPDATE sluice_files SET ${columns} WHERE id = '${file._id}'`);
      await expectRefusal(await rename(file._id, { name: "b.png" }), status, code);
      expect(await rowOf(file._id)).toMatchObject({ original_file_name: red.fileName });
    });

    test("a repeat under a key gets the first answer, another name is refused", async () => {
      const file = await uploadedBy(ann);
      const keyed = { "idempotency-key": crypto.randomUUID() };
      const first = await rename(file._id, { name: "one.png" }, ann, keyed);
      await renamed(file._id, "two.png");
      const again = await rename(file._id, { name: "one.png" }, ann, keyed);
      expect(again.headers.get("idempotent-replayed")).toBe("true");
      expect(await again.text()).toBe(await first.text());
      const other = await rename(file._id, { name: "three.png" }, ann, keyed);
      await expectRefusal(other, 422, "idempotency_key_reused");
      expect(await rowOf(file._id)).toMatchObject({ original_file_name: "two.png" });
    });

    test("lists by name go on from where they were, and find the new name", async () => {
      const files = new Map<string, FileDocument>();
      for (const name of ["a", "b", "c", "d", "e"]) files.set(name, await uploadedBy(ann, [text(`${name}.txt`)]));
      const idOf = (name: string) => files.get(name)?._id ?? "";
      const page = async (cursor: string): Promise<ListPage> => listOf(ann, `?sort=name&limit=2&cursor=${cursor}`);
      const namesOf = ({ data }: ListPage) => data.map(({ meta }) => meta["originalName"]);
      const first = await page("");
      expect(namesOf(first)).toEqual(["a.txt", "b.txt"]);
      // The last that was listed goes away, one that is to come gets behind it, one that was listed comes again.
      await renamed(idOf("b"), "z.txt");
      await renamed(idOf("d"), "bb.txt");
      const second = await page(first.nextCursor ?? "");
      expect(namesOf(second)).toEqual(["bb.txt", "c.txt"]);
      expect(namesOf(await page(second.nextCursor ?? ""))).toEqual(["e.txt", "z.txt"]);
      expect(namesOf(await listOf(ann, "?name=BB"))).toEqual(["bb.txt"]);
      expect(namesOf(await listOf(ann, "?name=d.txt"))).toEqual([]);
    });

    test("a file that is deleted meanwhile: one of them wins, and the bytes stay where they are", async () => {
      const file = await uploadedBy(ann);
      const [change, deletion] = await Promise.all([
        rename(file._id, { name: "b.png" }),
        ann.send(`/v1/upload/${file._id}`, { method: "DELETE" }),
      ]);
      expect([200, 404]).toContain(change.status);
      expect(deletion.status).toBe(200);
      const name = change.status === 200 ? "b.png" : red.fileName;
      expect(await rowOf(file._id)).toMatchObject({ status: "deleted", original_file_name: name });
      await runSweep({ ...env, ...bindings, ...secrets } as Env, engine);
      expect((await env.BUCKET.list()).objects.map(({ key }) => key)).toEqual([file.name]);
    });
  });
}
