/** The problems that a multipart body is refused with. */
import { Problem } from "../../contract/problem.ts";

/** The body breaks the grammar, ends early or cannot be read: 400. `detail` is for the caller and quotes nothing of the body. */
export function malformed(detail: string, cause?: unknown): Problem {
  return new Problem("body_malformed", { detail, cause });
}

/** The body is grammatical as far as it was read, but there is more of it than a limit allows: 413. */
export function tooLarge(detail: string, limit: number): Problem {
  return new Problem("body_too_large", { detail, members: { limit } });
}
