/** What the steps of one running plan share. */
import type { Seat } from "../admission/turns.ts";
import type { StoredFile } from "../files/record.ts";
import type { Plan } from "../../contract/plan.ts";
import type { IncomingBody } from "../body/incoming-body.ts";
import type { Scope } from "./scope.ts";
import type { Call } from "./call.ts";
import type { Transaction } from "./transaction.ts";
import type { UndoList } from "./undo.ts";

export interface RunContext {
  readonly plan: Plan;
  readonly scope: Scope;
  readonly body: IncomingBody;
  /** Where the decoding of the call's pictures waits for its turn. */
  readonly seat: Seat;
  readonly call: Call;
  /** What the call has stored so far. */
  readonly files: StoredFile[];
  readonly transaction: Transaction;
  readonly undo: UndoList;
}
