/** Creates an upload: judges all that is known before the first byte, reserves the file's row, and opens the object. */
import type { Plan } from "../../contract/plan.ts";
import type { FileRules, UploadStep } from "../../contract/plan/files.ts";
import { fileApiEndpoint, fileApiUploadsPath, resumablePath } from "../../contract/routes.ts";
import { Problem } from "../../contract/problem.ts";
import { checkedCaller } from "../auth/caller.ts";
import { sql } from "drizzle-orm";
import type { Json } from "../../contract/json.ts";
import { fileTooLarge } from "../body/file-too-large.ts";
import type { IncomingBody } from "../body/incoming-body.ts";
import type { Call } from "../call/call.ts";
import type { AdmittedCall, SendStatements } from "../call/features.ts";
import type { Scope } from "../call/scope.ts";
import type { NewFile } from "../files/row.ts";
import { quoted } from "../database/quoted-names.ts";
import { createStatements, update } from "../database/statements.ts";
import { inFlight, readCallName } from "../idempotency/idempotent-call.ts";
import { mediaTypes, OPAQUE } from "../../contract/media-types.ts";
import { displayName } from "../media/display-name.ts";
import { canonicalType, isListed } from "../media/media-type.ts";
import { isTextual } from "../media/text.ts";
import { createScope, type admit } from "../pipeline/run.ts";
import { makeFile } from "../upload/describe-file.ts";
import { resolveFolder } from "../upload/folder.ts";
import { fileReceptionOf } from "../upload/reception.ts";
import { takeBack } from "../upload/intake.ts";
import { uploadBody } from "./body.ts";
import { openUpload } from "./objects.ts";
import { checkVersion, readLength, readMetadata, type Metadata } from "./protocol.ts";
import type { Asker, Creation, UploadActor } from "./actor.ts";
import { findBegun, type Begun } from "./repeated.ts";

/** How long an upload may take, from its creation on: R2 drops what is not complete after seven days. */
const LIFE_SECONDS = 86_400;

export interface CreatedUpload extends AdmittedCall {
  readonly upload: UploadActor;
  readonly asker: Asker;
  readonly address: string;
  readonly expiresAt: string;
  readonly length: number | null;
  /** Null: it is new. */
  readonly begun: Begun | null;
}

/** The step of a plan that takes files in pieces. */
export const resumableStep = ({ steps }: Plan): UploadStep | undefined =>
  steps.find((step) => step.mode === "upload" && step.resumable === true) as UploadStep | undefined;

/**
 * @param who tells who calls
 * @throws Problem whatever a call with the file in its body would be refused with, as far as it is known by now
 */
export async function createUpload(called: Plan, sent: Request, call: Call, who: typeof admit): Promise<CreatedUpload> {
  const judged = await judge(called, sent, call, who);
  const { admitted, owner, length } = judged;
  const { plan, request, link } = admitted;
  const { id: endpoint } = plan;
  const name = readCallName(sent.headers, owner, endpoint);
  const { upload, id } = openUpload(call.deployment, name);
  const folder = endpoint === fileApiEndpoint ? fileApiUploadsPath : `${resumablePath}/${endpoint}`;
  const asker: Asker = { endpoint, owner };
  const address = `${call.base}${folder}/${id}${link?.query ?? ""}`;
  const requested = { url: request.url, metadata: sent.headers.get("Upload-Metadata"), length };
  const answering = (expiresAt: string, begun: Begun | null): CreatedUpload => ({
    ...admitted,
    upload,
    asker,
    address,
    expiresAt,
    length,
    begun,
  });
  const findBefore = async () => (name === null ? null : findBegun(upload, asker, requested));
  const before = await findBefore();
  if (before !== null) return answering(before.expiresAt, before);

  const creation = await reserve(judged, sent, call);
  const giveBack = () => takeBack([creation.file], call, call.now);
  const isNew = await upload.create(creation, length).catch(async (error: unknown) => {
    // It may have been made after all. Under a key somebody would find it, and send all bytes for a row that is gone.
    const isGone = name === null || (await upload.end(asker).then(always, never));
    if (isGone) await giveBack();
    throw error;
  });
  if (isNew) return answering(creation.expiresAt, null);
  // The same request has been quicker.
  await giveBack();
  const meanwhile = await findBefore();
  if (meanwhile === null) throw inFlight();
  return answering(meanwhile.expiresAt, meanwhile);
}

/** A creation that may be carried out. */
interface Judged {
  readonly admitted: AdmittedCall;
  readonly owner: string | null;
  readonly step: UploadStep;
  readonly rules: FileRules;
  readonly length: number | null;
  readonly metadata: Metadata;
  /** As the client has sent it, with the fields of its link. */
  readonly payload: Json;
  readonly body: IncomingBody;
  readonly results: Scope["results"] | undefined;
}

/** All that is known before the first byte. @throws Problem */
async function judge(called: Plan, sent: Request, call: Call, who: typeof admit): Promise<Judged> {
  const { features } = call.deployment;
  checkVersion(sent);
  const length = readLength(sent.headers);
  const admitted = await who(called, sent, call);
  const { plan, request, identity, link } = admitted;
  const step = resumableStep(plan);
  if (step === undefined) throw new Problem("resource_not_found");
  const payloadRules = plan.steps.flatMap(({ payloadRule }) => payloadRule ?? []);
  const metadata = readMetadata(sent.headers.get("Upload-Metadata"), payloadRules);
  const owner = ownerOf(admitted);
  const { id: endpoint, rateLimit } = plan;
  if (rateLimit !== undefined) await features.rateLimits({ rateLimit, endpoint, identity, request, call });
  const results = plan.address && features.address(plan, request, features.validate);
  const sentBody = uploadBody(metadata.payload, null);
  const bare = link === null ? sentBody : link.addFields(sentBody);
  const body = payloadRules.length === 0 ? bare : features.validate.body(bare, payloadRules);
  await body.readFields();
  const reception = fileReceptionOf(step, features);
  const rules = reception.admit(metadata.field);
  reception.finish(body.payload);
  checkFile(rules, metadata, length);
  return { admitted, owner, step, rules, length, metadata, payload: bare.payload, body, results };
}

/** Makes the file's pending row, which counts for quota and link. @throws Problem */
async function reserve(judged: Judged, { headers }: Request, call: Call): Promise<Creation> {
  const { admitted, owner, step, rules, length, metadata, payload, body, results } = judged;
  const { plan, request, identity, link } = admitted;
  const { features, database, dialect } = call.deployment;
  const scope = createScope(identity, body, headers, call, results);
  const { field, fileName, declaredType } = metadata;
  const named = { field, fileName, fileType: likelyType(declaredType, fileName) };
  const file: NewFile = {
    ...makeFile(step, rules, { scope, plan }, named, resolveFolder(rules.folder, scope)),
    ...(link === null ? {} : { uploadLink: link.id }),
  };
  const expiresAt = new Date(call.now.getTime() + 1000 * LIFE_SECONDS).toISOString();
  const send: SendStatements = (statements) => database.batch(statements);
  const reserved = { intake: { send: link === null ? send : link.counting(send) }, call };
  const { quota } = step;
  const exactBytes = length ?? rules.maxFileBytes;
  const counting = quota && (await features.quotas.open({ quota, upload: step, exactBytes, identity, request, call }));
  const context = counting?.(reserved) ?? reserved;
  const { files } = quoted;
  const arriving = update(files, { resumable_until: expiresAt });
  await context.intake.send([
    context.call.files.reserving(file),
    createStatements(database, dialect).writing(sql`${arriving} WHERE ${files.id} = ${file.id}`),
  ]);
  return {
    endpoint: plan.id,
    owner,
    file,
    field,
    fileName,
    declaredType,
    rules,
    payload,
    metadata: headers.get("Upload-Metadata"),
    request: { url: request.url, headers: [...headers].filter(([name]) => isKept(name, plan)) },
    expiresAt,
  };
}

const always = () => true;
const never = () => false;

/** Whose an upload is: by a link, the link's, which neither another one nor its issuer's token reaches. @throws Problem `unauthorized` */
export const ownerOf = ({ identity, link }: AdmittedCall): string | null => link?.owner ?? checkedCaller(identity);

/** What the end is to read as the creation's. Tokens are the last request's, and of the body nothing is known here. */
const isKept = (name: string, { authentication }: Plan): boolean =>
  name !== authentication?.header.toLowerCase() &&
  !/^(?:authorization|cookie|idempotency-key|prefer|tus-.*|upload-.*|content-.*|transfer-encoding)$/.test(name);

/** @throws Problem `file_too_large`, `file_missing`, `file_type_not_allowed` */
function checkFile(rules: FileRules, { fileName, declaredType }: Metadata, length: number | null): void {
  const file = displayName(fileName);
  if (length !== null && length > rules.maxFileBytes) throw fileTooLarge(file, rules.maxFileBytes);
  if (length === 0) throw new Problem("file_missing", { detail: `The file "${file}" is empty.`, members: { file } });
  const type = canonicalType(declaredType ?? "");
  // Of the rest only the bytes can tell whether they are what the list takes.
  const isPlain = /^(?:image|audio|video|font|model)\//.test(type) && mediaTypes.has(type) && !isTextual(type);
  if (!isPlain || isListed(type, rules.types)) return;
  throw new Problem("file_type_not_allowed", {
    detail: `"${file}" is declared as ${type}; accepted are ${rules.types.join(", ")}.`,
    members: { file, allowed: rules.types },
  });
}

/** The type is told when bytes come: until then it is what the client says, and the key keeps that ending. */
function likelyType(declaredType: string | null, fileName: string): string {
  const declared = canonicalType(declaredType ?? "");
  if (mediaTypes.has(declared)) return declared;
  const extension = /\.([a-z0-9]+)$/i.exec(fileName)?.[1]?.toLowerCase() ?? "";
  return [...mediaTypes].find(([, { extensions }]) => extensions.includes(extension))?.[0] ?? OPAQUE;
}
