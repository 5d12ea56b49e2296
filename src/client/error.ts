/** The one kind of error that the client throws. */
import type { ParameterFault, PayloadFault, ProblemCode } from "../contract/problem.ts";

/** What can go wrong without an answer of Sluice's. */
export type ClientCode =
  /** No answer came: whether the call was carried out is not known. */
  | "network"
  /** Nothing moved for as long as `timeout` says. */
  | "timeout"
  | "aborted"
  /** An answer that is not Sluice's, such as a proxy's page; `status` has its number. */
  | "bad_answer"
  /** A file was changed, moved or deleted while it was sent. */
  | "file_changed"
  /** The function `token` failed; `cause` has its error. */
  | "token_failed"
  /** The call cannot be made as it is written; `cause` may say more. */
  | "request_invalid";

/** A server of another version may answer codes that this one does not know. */
export type SluiceCode = ProblemCode | ClientCode | (string & Record<never, never>);

interface ErrorFacts {
  readonly status: number;
  readonly requestId: string | null;
  readonly retryAfter: number | null;
  readonly members: Readonly<Record<string, unknown>>;
}

/** Every refusal and failure. Switch on `code`: docs/errors.md lists those of the server, `ClientCode` the others. */
export class SluiceError<Code extends string = SluiceCode> extends Error implements ErrorFacts {
  override readonly name = "SluiceError";
  declare readonly code: Code;
  /** Of the answer; 0 where none came. A refusal before sending has the status that the server's would have. */
  readonly status: number = 0;
  /** For questions to whoever runs the server; null where nothing was sent. */
  readonly requestId: string | null = null;
  /** Seconds after which the server wants to be asked again. */
  readonly retryAfter: number | null = null;
  /** Everything that the problem said, such as `limit`. */
  readonly members: Readonly<Record<string, unknown>> = {};

  constructor(
    code: Code,
    message: string,
    { cause, ...facts }: Partial<ErrorFacts> & { readonly cause?: unknown } = {},
  ) {
    super(message, { cause });
    this.code = code;
    Object.assign(this, facts);
  }

  /** What to do about it, in the server's words; null where it says nothing. */
  get detail(): string | null {
    return (this.members["detail"] ?? null) as string | null;
  }

  /** What is wrong with the payload or the address, item by item. */
  get errors(): readonly (PayloadFault | ParameterFault)[] {
    return [this.members["errors"] ?? []].flat() as (PayloadFault | ParameterFault)[];
  }
}
