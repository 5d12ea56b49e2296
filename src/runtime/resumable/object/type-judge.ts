/** Tells by its first bytes whether a file may come in, so that nobody sends two gigabytes to hear that it may not. */
import { toProblem, type Problem } from "../../../contract/problem.ts";
import { HEAD_BYTES } from "../../media/signatures.ts";
import { acceptType } from "../../upload/accept-type.ts";
import type { Creation } from "../actor.ts";
import type { UploadStorage } from "./storage.ts";

/** The file can never come in. */
export class RefusedFile extends Error {
  readonly problem: Problem;

  constructor(problem: Problem) {
    super(problem.message);
    this.problem = problem;
  }
}

export interface TypeJudge {
  /** @throws RefusedFile */
  push(chunk: Uint8Array): void;
  /** The bytes are what the client has sent. @param isWhole the file has no more @throws RefusedFile */
  finish(isWhole: boolean): void;
}

/** @param isChecked the bytes have yet to prove themselves: what a line has garbled says nothing of the file */
export function createTypeJudge(
  storage: Pick<UploadStorage, "fileType" | "parts" | "staged">,
  { rules, declaredType, fileName }: Creation,
  isChecked: boolean,
): TypeJudge {
  const head = new Uint8Array(HEAD_BYTES);
  let length = 0;
  const keep = (bytes: Uint8Array) => {
    const taken = bytes.subarray(0, HEAD_BYTES - length);
    head.set(taken, length);
    length += taken.length;
  };
  const isKnown = () => storage.fileType.get() !== undefined;
  const decide = () => {
    try {
      storage.fileType.set(acceptType(rules, head.subarray(0, length), declaredType, fileName));
    } catch (error) {
      throw new RefusedFile(toProblem(error));
    }
  };
  // Behind the first part it is known.
  if (!isKnown()) for (const bytes of storage.staged()) keep(bytes);
  return {
    push(chunk) {
      if (length === HEAD_BYTES || isKnown()) return;
      keep(chunk);
      if (length === HEAD_BYTES && !isChecked) decide();
    },
    finish(isWhole) {
      if (!isKnown() && (isWhole || length === HEAD_BYTES)) decide();
    },
  };
}
