/**
 * The Durable Object of one resumable upload, through which all its bytes go: it alone writes them to R2, so it knows the
 * PATCH that is running and ends it when another comes. A client whose line is gone need not wait until anybody notices.
 */
import { DurableObject } from "cloudflare:workers";
import { resumablePartBytes as PART_BYTES } from "../../../contract/limits.ts";
import { integerSetting } from "../../../contract/settings.ts";
import { Problem, toProblem } from "../../../contract/problem.ts";
import { fileTooLarge } from "../../body/file-too-large.ts";
import type { Bindings } from "../../deployment.ts";
import type { NewFile } from "../../files/row.ts";
import { displayName } from "../../media/display-name.ts";
import { calling, storageFailure } from "../../storage/r2/call.ts";
import { createPartBuffer, free } from "../../storage/r2/part-buffer.ts";
import { createR2Store } from "../../storage/r2/store.ts";
import { createDigest } from "../checksum.ts";
import { takePiece } from "../piece.ts";
import { createPartMemory } from "./part-memory.ts";
import { createPartWriter } from "./part-writer.ts";
import { openStoppable } from "./stoppable-body.ts";
import { createRunningSum } from "./running-sum.ts";
import { createTypeJudge, RefusedFile } from "./type-judge.ts";
import { openUploadStorage } from "./storage.ts";
import {
  toRefusal,
  type Append,
  type Appended,
  type Asker,
  type Assembled,
  type Creation,
  type KeptText,
  type NotAssembled,
  type Extent,
  type Shown,
  type UploadActor,
} from "../actor.ts";

type Environment = Bindings & { readonly MAX_MEMORY_BYTES?: unknown };

/** What has to end before the next may begin. */
interface Turn {
  /** Another waits for the turn. */
  isStopped: boolean;
  /** Ends what is waited for. */
  stop: () => void;
  readonly ended: Promise<void>;
  readonly end: () => void;
}

export class ResumableUpload extends DurableObject<Environment> implements Omit<UploadActor, "append"> {
  readonly #storage = openUploadStorage(this.ctx.storage);
  readonly #sum = createRunningSum();
  readonly #memory = createPartMemory(integerSetting("MAX_MEMORY_BYTES", this.env.MAX_MEMORY_BYTES));
  #turn: Turn | null = null;
  #assembling: Promise<void> | null = null;

  async create(creation: Creation, length: number | null): Promise<boolean> {
    if (this.#storage.creation() !== undefined) return false;
    this.#storage.create(creation, length);
    await this.ctx.storage.setAlarm(Date.parse(creation.expiresAt));
    return true;
  }

  async show(asker: Asker): Promise<Shown | null> {
    if (this.#find(asker) === null) return null;
    const turn = await this.#takeTurn();
    turn.end();
    // It may have ended meanwhile.
    const creation = this.#find(asker);
    if (creation === null) return null;
    const { metadata, expiresAt, request } = creation;
    return {
      ...this.#storage.progress(),
      url: request.url,
      metadata,
      expiresAt,
      isDone: this.#storage.answer.get() !== undefined,
    };
  }

  /** `UploadActor.append`, as `sendPiece` sends it. */
  override fetch(request: Request): Promise<Response> {
    return takePiece(request, (append, body) => this.#append(append, body));
  }

  async #append(append: Append, body: ReadableStream<Uint8Array> | null): Promise<Appended> {
    if (this.#find(append.asker) === null) return { outcome: "missing" };
    const turn = await this.#takeTurn();
    const creation = this.#find(append.asker);
    try {
      if (creation === null) return { outcome: "missing" };
      this.#checkOffset(append);
      this.#setLength(append, creation);
      if (body !== null) await this.#receive(append, creation, body, turn);
      return { outcome: "appended", ...this.#storage.progress(), expiresAt: creation.expiresAt };
    } catch (error) {
      const isOver = error instanceof RefusedFile;
      if (isOver) await this.#clear();
      const refusal = toRefusal(isOver ? error.problem : toProblem(error));
      return { outcome: "refused", refusal, file: isOver && creation !== null ? creation.file : null };
    } finally {
      turn.end();
    }
  }

  async assemble(asker: Asker): Promise<Assembled | NotAssembled | null> {
    const creation = this.#find(asker);
    if (creation === null) return null;
    const { offset, length } = this.#storage.progress();
    if (offset !== length) return null;
    if (!this.#storage.isAssembled()) {
      this.#assembling ??= this.#assemble(creation, length).finally(() => (this.#assembling = null));
      try {
        await this.#assembling;
      } catch (error) {
        return { refusal: toRefusal(toProblem(error)) };
      }
    }
    const { answer, checksum } = this.#storage;
    return { creation, size: length, checksumSha256: checksum.get(), answer: answer.get() ?? null };
  }

  async keepAnswer(answer: KeptText): Promise<void> {
    // What has expired meanwhile has no alarm that would take it away again.
    if (this.#storage.creation() !== undefined) this.#storage.answer.set(answer);
  }

  async progress(asker: Asker): Promise<Extent | null> {
    return this.#find(asker) === null ? null : this.#storage.progress();
  }

  async end(asker: Asker): Promise<NewFile | null> {
    if (this.#find(asker) === null) return null;
    const turn = await this.#takeTurn();
    try {
      const creation = this.#find(asker);
      if (creation === null || this.#storage.answer.get() !== undefined) return null;
      await this.#clear();
      return creation.file;
    } finally {
      turn.end();
    }
  }

  /** It has expired. Its row is the sweep's. */
  override async alarm(): Promise<void> {
    const turn = await this.#takeTurn();
    try {
      await this.#clear();
    } finally {
      turn.end();
    }
  }

  #find({ endpoint, owner }: Asker): Creation | null {
    // Storage without tables has no creation either.
    const creation = this.#storage.creation();
    return creation?.endpoint === endpoint && creation.owner === owner ? creation : null;
  }

  /** Stops whoever has the turn, and waits until nothing of theirs is under way. */
  async #takeTurn(): Promise<Turn> {
    const before = this.#turn;
    const { promise: ended, resolve: end } = Promise.withResolvers<void>();
    const turn: Turn = { isStopped: false, stop: () => undefined, ended, end };
    this.#turn = turn;
    if (before !== null) {
      before.isStopped = true;
      before.stop();
      await before.ended;
    }
    return turn;
  }

  #checkOffset({ offset }: Append): void {
    const now = this.#storage.progress().offset;
    if (offset === now) return;
    throw new Problem("offset_conflict", {
      detail: `The upload goes on at byte ${now}: ask for its offset by HEAD.`,
      members: { offset: now },
      headers: { "Upload-Offset": String(now) },
    });
  }

  #setLength({ length, offset, mostBytes }: Append, { rules, fileName }: Creation): void {
    const known = this.#storage.progress().length;
    if (length !== null && length !== known) {
      if (known !== null || length < offset) {
        const detail = known === null ? `${offset} bytes have come already.` : `It was said to be ${known}.`;
        throw new Problem("parameter_invalid", { detail, members: { parameter: "Upload-Length" } });
      }
      if (length > rules.maxFileBytes) throw fileTooLarge(displayName(fileName), rules.maxFileBytes);
      this.#storage.setLength(length);
    }
    const most = (this.#storage.progress().length ?? rules.maxFileBytes) - offset;
    // Known before a byte is read; of a body without a length only that it has one byte too many.
    if (mostBytes !== null && mostBytes > most) throw fileTooLarge(displayName(fileName), offset + most);
  }

  async #receive(append: Append, creation: Creation, body: ReadableStream<Uint8Array>, turn: Turn): Promise<void> {
    const { offset, checksum } = append;
    const { fileName, rules } = creation;
    const storage = this.#storage;
    const most = (storage.progress().length ?? rules.maxFileBytes) - offset;
    const writer = createPartWriter({
      storage,
      memory: this.#memory,
      openUpload: () => this.#openUpload(creation),
      mostBytes: Math.min(append.mostBytes ?? most, most),
      isChecked: checksum !== null,
    });
    const incoming = openStoppable(body, append.idleMilliseconds);
    turn.stop = () => incoming.stop();
    if (turn.isStopped) incoming.stop();
    this.#sum.begin(offset);
    try {
      const digest = checksum === null ? null : createDigest(checksum);
      const judge = createTypeJudge(storage, creation, checksum !== null);
      let received = 0;
      for (let chunk = await incoming.read(); chunk !== null; chunk = await incoming.read()) {
        received += chunk.length;
        if (received > most) throw fileTooLarge(displayName(fileName), offset + most);
        judge.push(chunk);
        await digest?.write(chunk);
        await this.#sum.push(chunk);
        await writer.write(chunk);
      }
      if (digest !== null) {
        // Only a whole body has the sum that was told.
        if (incoming.isCut) return;
        await digest.check();
      }
      await writer.finish();
      const { offset: reached, length } = storage.progress();
      judge.finish(reached === length);
    } finally {
      await writer.close();
      incoming.close();
    }
  }

  async #openUpload({ file }: Creation): Promise<R2MultipartUpload> {
    const { uploadId, fileType } = this.#storage;
    const { BUCKET } = this.env;
    const known = uploadId.get();
    if (known !== undefined) return BUCKET.resumeMultipartUpload(file.storageKey, known);
    const httpMetadata = { contentType: fileType.get() ?? file.fileType };
    const upload = await calling("createMultipartUpload", () =>
      BUCKET.createMultipartUpload(file.storageKey, { httpMetadata }),
    );
    uploadId.set(upload.uploadId);
    return upload;
  }

  async #assemble(creation: Creation, size: number): Promise<void> {
    const storage = this.#storage;
    const restBytes = storage.stagedBytes();
    const loan = this.#memory.mustBorrow(restBytes);
    try {
      // Grows to what was borrowed, and no further.
      const buffer = createPartBuffer(restBytes, PART_BYTES);
      for (const bytes of storage.staged()) buffer.take(bytes);
      const rest = buffer.hand();
      await this.#makeObject(creation, size, rest).finally(() => free(rest));
    } finally {
      loan.close();
    }
    const checksum = await this.#sum.finish(size);
    if (checksum !== undefined) storage.checksum.set(checksum);
    storage.setAssembled();
  }

  /** @param rest the bytes behind the parts */
  async #makeObject(creation: Creation, size: number, rest: Uint8Array): Promise<void> {
    const storage = this.#storage;
    const { BUCKET } = this.env;
    const { storageKey, fileType } = creation.file;
    if (storage.uploadId.get() === undefined) {
      const httpMetadata = { contentType: storage.fileType.get() ?? fileType };
      await calling("put", () => BUCKET.put(storageKey, rest, { httpMetadata }));
      return;
    }
    const parts = storage.parts();
    const upload = await this.#openUpload(creation);
    try {
      const last = rest.length === 0 ? [] : [await upload.uploadPart(parts.length + 1, rest)];
      const all = parts.map(({ number, etag }) => ({ partNumber: number, etag }));
      await upload.complete([...all, ...last]);
    } catch (cause) {
      // It may have been completed by a try that did not live to note it.
      const object = await calling("head", () => BUCKET.head(storageKey));
      if (object?.size !== size) throw storageFailure("completeMultipartUpload", cause);
    }
  }

  /** What is left of an upload that was not completed would be kept, and cost, for a week. */
  async #clear(): Promise<void> {
    // An object that is completed behind the back of its removal would be one without a row.
    await this.#assembling?.catch(() => undefined);
    const creation = this.#storage.creation();
    const uploadId = this.#storage.uploadId.get();
    const isOpen = uploadId !== undefined && !this.#storage.isAssembled();
    if (creation !== undefined && isOpen)
      await createR2Store(this.env.BUCKET).abort(creation.file.storageKey, uploadId);
    await this.ctx.storage.deleteAlarm();
    await this.ctx.storage.deleteAll();
  }
}
