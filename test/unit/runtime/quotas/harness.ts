/** Calls endpoints whose files count, and compares the counts with the files' rows. */
import { env } from "cloudflare:workers";
import { expect, inject } from "vitest";
import type { Json } from "../../../../src/contract/plan.ts";
import type { Database } from "../../../../src/runtime/database/database.ts";
import type { Engine } from "../../../../src/runtime/database/engine.ts";
import { callerOf, dataOf, expectProblem, formBody, MULTIPART, token, type FormPart } from "../../../support/app.ts";
import { buildOf } from "../../../support/build.ts";
import { secrets } from "../../../support/secrets.ts";

export interface QuotaHarness {
  readonly engine: Engine;
  /** For what an operator does. */
  readonly open: () => Database;
  readonly bindings: Readonly<Record<string, unknown>>;
  readonly run: (sql: string) => Promise<readonly Readonly<Record<string, unknown>>[]>;
}

export type Row = Readonly<Record<string, string>>;

/** A text file with so many bytes. */
export const text = (bytes: number, name = "file"): FormPart => ({ name, fileName: "a.txt", body: "a".repeat(bytes) });

export function createQuotaClient({ engine, bindings, run }: QuotaHarness) {
  const call = callerOf(buildOf(inject("compiled").quotas, engine), { ...bindings, ...secrets });
  const headersOf = async (id: string) => ({
    "x-access-token": await token({ id, email: { team: "red" } }, { secret: secrets.JWT_SECRET_KEY }),
  });

  /** @param more headers; a browser says the length of what it sends, the tests' requests do not by themselves */
  const post = async (path: string, parts: readonly FormPart[], id = "ann", more: Record<string, string> = {}) => {
    const body = formBody(parts);
    const headers = { ...MULTIPART, ...(await headersOf(id)), "content-length": String(body.length), ...more };
    return call(path, { method: "POST", headers, body });
  };
  /** The same of a body whose length nobody says. */
  const postUnmeasured = async (path: string, parts: readonly FormPart[], id = "ann") => {
    const { readable, writable } = new IdentityTransformStream();
    const writer = writable.getWriter();
    const sending = writer
      .write(formBody(parts))
      .then(() => writer.close())
      // Who refuses a body reads no more of it.
      .catch(() => undefined);
    const response = await call(path, {
      method: "POST",
      headers: { ...MULTIPART, ...(await headersOf(id)) },
      body: readable,
    });
    await sending;
    return response;
  };
  const store = async (path: string, parts: readonly FormPart[], id = "ann") =>
    dataOf<readonly Row[]>(await post(path, parts, id));
  const refused = async (response: Response): Promise<Record<string, Json>> =>
    expectProblem(response, 413, "quota_exceeded");
  const remove = async (keys: readonly (string | undefined)[], id = "ann") =>
    call("/delete-some", {
      method: "POST",
      headers: { ...(await headersOf(id)), "content-type": "application/json" },
      body: JSON.stringify(keys),
    });

  /** Bytes and files of a count; null: there is none. */
  const count = async (name: string) => {
    const [row] = await run(`SELECT bytes, files FROM sluice_quotas WHERE name = '${name}'`);
    return row === undefined ? null : [Number(row["bytes"]), Number(row["files"])];
  };
  const rows = async () => (await run("SELECT id FROM sluice_files")).length;
  const objects = async () => (await env.BUCKET.list()).objects.length;
  /** Every count is what the rows say. Of windows it may be more: they count what was deleted as well. */
  const expectNoDrift = async () => {
    const counted = await run("SELECT name, bytes, files FROM sluice_quotas WHERE ends_at IS NULL");
    const found = await run(
      `SELECT quota AS name, sum(file_size) AS bytes, count(*) AS files FROM sluice_files
       WHERE quota IS NOT NULL AND quota_ends_at IS NULL AND status <> 'gone' GROUP BY quota`,
    );
    const listed = (list: typeof counted) =>
      list
        .map((row) => `${String(row["name"])}: ${Number(row["bytes"])} ${Number(row["files"])}`)
        .filter((line) => !line.endsWith(": 0 0"))
        .toSorted();
    expect(listed(counted)).toEqual(listed(found));
  };
  return { call, headersOf, post, postUnmeasured, store, refused, remove, count, rows, objects, expectNoDrift };
}
