/** Carries out the rest of an ABI over the object of a whole upload, once. */
import type { Plan } from "../../contract/plan.ts";
import { Problem, toProblem } from "../../contract/problem.ts";
import { sql } from "drizzle-orm";
import type { Identity } from "../auth/caller.ts";
import type { AnswerCall } from "../build.ts";
import type { openBody } from "../body/incoming-body.ts";
import type { Call } from "../call/call.ts";
import { quoted } from "../database/quoted-names.ts";
import { createStatements, update } from "../database/statements.ts";
import type { FileRegistry } from "../files/registry.ts";
import type { NewFile } from "../files/row.ts";
import { KEY_HEADER, MAX_ANSWER_LENGTH } from "../idempotency/idempotent-call.ts";
import type { ObjectStore } from "../storage/object-store.ts";
import { takeBack } from "../upload/intake.ts";
import { objectSource, READ_BYTES, uploadBody } from "./body.ts";
import { toProblemAgain, type Asker, type Assembled, type KeptText, type UploadActor } from "./actor.ts";

export interface WholeUpload {
  readonly plan: Plan;
  readonly upload: UploadActor;
  readonly identity: Identity;
  readonly call: Call;
  readonly answer: AnswerCall;
}

/** How long another call that is at it already is waited for, and how often it is asked. */
const PATIENCE_MILLISECONDS = 45_000;
const POLL_MILLISECONDS = 300;

/**
 * What the endpoint answers. A failure of the server's keeps the upload, whose next request tries again; a refusal ends
 * it. Null: there is no such upload. @throws Problem as the endpoint does
 */
export async function endUpload(whole: WholeUpload, asker: Asker): Promise<Response | null> {
  const until = performance.now() + PATIENCE_MILLISECONDS;
  for (;;) {
    const assembled = await whole.upload.assemble(asker);
    if (assembled === null) return null;
    if ("refusal" in assembled) throw toProblemAgain(assembled.refusal);
    const { answer: kept } = assembled;
    if (kept !== null) return revive(kept, whole.call);
    try {
      return await carryOut(whole, assembled);
    } catch (error) {
      const problem = toProblem(error);
      const isRunning = problem.code === "idempotency_in_flight";
      if (isRunning && performance.now() < until) {
        await scheduler.wait(POLL_MILLISECONDS);
        continue;
      }
      if (!isRunning && problem.status < 500) await dropUpload(whole, asker);
      throw error;
    }
  }
}

/** Ends it, and takes its file back. False: there is none, or its end was carried out. */
export async function dropUpload(
  { upload, call }: Pick<WholeUpload, "upload" | "call">,
  asker: Asker,
): Promise<boolean> {
  const file = await upload.end(asker);
  if (file === null) return false;
  await takeBack([file], call, call.now);
  return true;
}

async function carryOut({ plan, upload, identity, call, answer }: WholeUpload, assembled: Assembled) {
  const { creation, size, checksumSha256 } = assembled;
  const { owner, request, payload, field, fileName, declaredType, file } = creation;
  const headers = new Headers(request.headers);
  // Whoever is second, or comes back after a crash, finds what the first has answered.
  headers.set(KEY_HEADER, `upload:${file.id}`);
  const open: typeof openBody = async (_request, _accepted, { account }) => {
    await account.enter({ bytes: READ_BYTES, uploads: 1 });
    // The rest of the row was a guess at what the bytes would be.
    const { id, storageKey, visibility, expiresAt, createdAt } = file;
    const kept = { row: { id, storageKey, visibility, expiresAt, createdAt }, checksumSha256 };
    const body = objectSource(call.deployment.store, file.storageKey, size);
    return uploadBody(payload, { field, fileName, declaredType, body, kept });
  };
  const response = await answer(
    withoutAdmission(plan),
    new Request(request.url, { method: "POST", headers }),
    adopting(call, file, size),
    { identity, open, key: { owner: owner ?? "", fingerprint: file.id } },
  );
  // The rows that it is made of are in memory already.
  const text = call.links.keep(await response.clone().json());
  await upload.keepAnswer({ status: response.status, text: text.length > MAX_ANSWER_LENGTH ? null : text });
  return response;
}

async function revive({ status, text }: KeptText, { links }: Call): Promise<Response> {
  if (text === null) throw new Problem("idempotency_answer_lost");
  return Response.json(await links.revive(text), { status, headers: { "Cache-Control": "no-store" } });
}

/** What counted when the upload was created. */
function withoutAdmission({ rateLimit: _limit, ...plan }: Plan): Plan {
  const steps = plan.steps.map((step) => {
    if (step.mode !== "upload") return step;
    const { quota: _quota, ...rest } = step;
    return rest;
  });
  return { ...plan, steps };
}

/** The call over a file that is in the store, under a row that is there, and stays where the call fails. */
function adopting(call: Call, file: NewFile, size: number): Call {
  const { deployment, files } = call;
  const { database, dialect, store } = deployment;
  const { writing } = createStatements(database, dialect);
  const { files: table } = quoted;
  const moment = call.now.toISOString();
  const isOurs = sql`${table.id} = ${file.id} AND ${table.status} = 'pending'`;
  const put: ObjectStore["put"] = async (key, source, options) => {
    if (key !== file.storageKey) return store.put(key, source, options);
    while ((await source.read()) !== null);
    return { size, stored: options.ready ?? Promise.resolve() };
  };
  let extension = file.extension;
  const adopted: FileRegistry = {
    ...files,
    reserving(described) {
      ({ extension } = described);
      return writing(sql`${update(table, { updated_at: moment })} WHERE ${isOurs}`);
    },
    storing: (id, findings, now) => [
      writing(sql`${update(table, { extension, resumable_until: null })} WHERE ${isOurs}`),
      ...files.storing(id, findings, now),
    ],
    abandon: async (keys) => new Set(keys),
  };
  return { ...call, files: adopted, deployment: { ...deployment, store: { ...store, put } } };
}
