/**
 * Receives the files of one call. They are read one after the other, but none waits for the row or the object of the one
 * before it: rows are registered and objects stored while the next files arrive. No object is begun before its row is
 * durable, and nothing is taken back while something is still under way.
 */
import type { FileRules, UploadStep } from "../../contract/plan/files.ts";
import type { Call } from "../call/call.ts";
import type { Intake, RunContext } from "../call/run-context.ts";
import type { StoredFile } from "../files/record.ts";
import type { NewFile } from "../files/row.ts";
import { createInFlight } from "../storage/in-flight.ts";
import { describeFile, type OpenedFile } from "./describe-file.ts";
import { createReservations } from "./reservations.ts";
import { storeFile, type ReceivedFile } from "./store-file.ts";

export interface FileIntake {
  /** @throws what has gone wrong with an earlier file */
  check(): void;
  /**
   * Reads the file to its end, after which it may still be on its way.
   * @throws Problem when this or an earlier file is refused or cannot be stored
   */
  receive(file: OpenedFile, rules: FileRules, folder: readonly string[]): Promise<void>;
  /** The files in their order, once their objects are durable; their rows become so with the call's. @throws as `receive` */
  finish(): Promise<readonly StoredFile[]>;
}

export function createFileIntake(
  step: UploadStep,
  context: RunContext,
  { account, maxBytes, send, link }: Intake,
): FileIntake {
  const { call, scope, transaction, undo } = context;
  const inFlight = createInFlight(account);
  const reservations = createReservations((rows) => inFlight.run(() => send(rows)));
  const files: NewFile[] = [];
  const received: ReceivedFile[] = [];
  const underWay: Promise<unknown>[] = [];
  const watch = (work: Promise<unknown>) => {
    underWay.push(work);
    work.catch((error: unknown) => inFlight.fail(error));
  };
  undo.add("store_files", async () => {
    inFlight.fail(new Error("The call has failed"));
    // An object that arrived after its deletion would be one without a row.
    await Promise.allSettled(underWay);
    await takeBack(files, call, scope.now);
  });
  return {
    check: () => inFlight.check(),
    async receive(incoming, rules, folder) {
      const described = describeFile(step, rules, context, incoming, folder);
      // The first file holds the use of a link until the call ends.
      const file = link === undefined || files.length > 0 ? described : { ...described, uploadLink: link };
      files.push(file);
      const ready = reservations.add(call.files.reserving(file));
      watch(ready);
      const knownSha256 = incoming.kept?.checksumSha256;
      const options = { knownSha256, rules, call, file, maxBytes, seat: account.seat, inFlight, ready, watch };
      received.push(await storeFile(options, incoming.body));
    },
    async finish() {
      // Files claim the call with their rows: without any it still has to be.
      if (received.length === 0) await send([]);
      const entries = await Promise.all(received.map(({ entry }) => entry));
      const statements = entries.flatMap((entry) => entry.statements);
      transaction.add({ statements, purpose: "registry", settle: () => undefined });
      return entries.map(({ file }) => file);
    },
  };
}

/** The rows first: from then on a commit that is still under way fails, and no reader finds the files. */
export async function takeBack(
  taken: readonly Pick<NewFile, "storageKey">[],
  { files, deployment }: Pick<Call, "files" | "deployment">,
  now: Date,
): Promise<void> {
  if (taken.length === 0) return;
  const keys = taken.map(({ storageKey }) => storageKey);
  // Committed after all, only the answer was lost: row and object stay together.
  const committed = await files.abandon(keys, now.toISOString());
  const lost = keys.filter((key) => !committed.has(key));
  if (lost.length === 0) return;
  await deployment.store.delete(lost);
  await files.forget(lost);
}
