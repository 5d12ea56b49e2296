/** What the steps of one running plan share. */
import type { CallAccount } from "../admission/ledger.ts";
import type { StoredFile } from "../files/record.ts";
import type { Plan } from "../../contract/plan.ts";
import type { IncomingBody } from "../body/incoming-body.ts";
import type { Scope } from "./scope.ts";
import type { Call } from "./call.ts";
import type { SendStatements } from "./features.ts";
import type { Transaction } from "./transaction.ts";
import type { UndoList } from "./undo.ts";

/** What receiving files takes. */
export interface Intake {
  readonly account: CallAccount;
  /** No file can have more bytes. */
  readonly maxBytes: number;
  /** Sends the runtime's own statements ahead of the transaction; the call is claimed with the first, if it has a key. */
  readonly send: SendStatements;
  /** The upload link by which the files come; absent: none. */
  readonly link?: string | undefined;
}

export interface RunContext {
  readonly plan: Plan;
  readonly scope: Scope;
  readonly body: IncomingBody;
  /** Null in a job, which receives no files. */
  readonly intake: Intake | null;
  readonly call: Call;
  /** What the call has stored so far. */
  readonly files: StoredFile[];
  readonly transaction: Transaction;
  readonly undo: UndoList;
}
