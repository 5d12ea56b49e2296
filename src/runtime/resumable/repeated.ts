/**
 * Creations under an `Idempotency-Key`. The key names the object of the upload, so a client whose answer was lost comes to the
 * upload that it has begun, and nothing is reserved again.
 */
import { reused } from "../idempotency/idempotent-call.ts";
import type { Asker, Creation, UploadActor } from "./actor.ts";

/** What two creations under one key have to have in common. */
export interface Requested extends Pick<Creation, "metadata"> {
  readonly url: string;
  /** Null: not told yet. */
  readonly length: number | null;
}

/** An upload that there was before this request. */
export interface Begun {
  /** Bytes that are durable. */
  readonly offset: number;
  readonly expiresAt: string;
}

/** Null: none; one that has ended is none. @throws Problem `idempotency_key_reused` */
export async function findBegun(
  upload: UploadActor,
  asker: Asker,
  { url, metadata, length }: Requested,
): Promise<Begun | null> {
  const shown = await upload.show(asker);
  if (shown === null) return null;
  const isSame = shown.url === url && shown.metadata === metadata && (length ?? shown.length) === shown.length;
  if (!isSame) throw reused();
  return shown;
}
