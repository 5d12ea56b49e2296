/**
 * The call whose files count for a quota. A place for each is reserved in the batch that registers it, and the bytes of all
 * together with the first, whose row holds them until the call ends: its last batch gives each file its size, and whatever
 * ends the call otherwise gives all back. Bytes that go beyond what was reserved wait for more before they are stored.
 */
import { excessConstraint } from "../../contract/row-guard.ts";
import type { Quota } from "../../contract/plan/files.ts";
import { Problem } from "../../contract/problem.ts";
import { tapSource } from "../bytes.ts";
import type { StoringContext } from "../call/features.ts";
import type { Rows, Statement } from "../database/database.ts";
import type { FileRegistry } from "../files/registry.ts";
import type { InFlight } from "../storage/in-flight.ts";
import type { ObjectStore } from "../storage/object-store.ts";
import { exceeded } from "./exceeded.ts";
import type { QuotaTable } from "./quota-table.ts";

/** What the files of a body have together. */
export interface BodyBytes {
  readonly most: number;
  readonly least: number;
  /** How many are reserved at a time. */
  readonly step: number;
}

export interface OpenQuota {
  readonly quota: Quota;
  readonly table: QuotaTable;
  readonly bytes: BodyBytes;
  readonly now: Date;
}

export function countFiles<Context extends StoringContext>(context: Context, quota: OpenQuota): Context {
  const { call, intake } = context;
  if (intake === null) return context;
  const { deployment, files } = call;
  const reserved = createReserved(quota, intake);
  const store = quota.quota.maxBytes === undefined ? deployment.store : reserved.storing(deployment.store);
  return {
    ...context,
    intake: { ...intake, send: reserved.send },
    call: { ...call, files: { ...files, reserving: reserved.reserving }, deployment: { ...deployment, store } },
  };
}

type Intake = NonNullable<StoringContext["intake"]>;

/** What stands in place of the call's own. */
interface Reserved {
  readonly reserving: FileRegistry["reserving"];
  readonly send: Intake["send"];
  /** A store that stores no byte more than was reserved. */
  readonly storing: (store: ObjectStore) => ObjectStore;
}

function createReserved({ quota, table, bytes, now }: OpenQuota, intake: Intake): Reserved {
  /** The files to be registered, by their statements. */
  const registering = new Map<Statement, string>();
  /** The file whose row holds the bytes of all. */
  let holder: string | null = null;
  /** What the rows have got, and how many bytes the files have by now. */
  let granted = 0;
  let places = 0;
  let used = 0;
  const first = Promise.withResolvers<void>();
  // A quota of files alone waits for no bytes.
  first.promise.catch(() => undefined);
  let turn: Promise<void> = first.promise;

  const refusal = async () => exceeded(quota, await table.read(), now, { bytes: granted, files: places });
  const noteGrant = (rows: Rows[number] = []) => void (granted = Number(rows[0]?.["file_size"] ?? granted));

  /** Reserves more where the files have more. @throws Problem `quota_exceeded` */
  const cover = async (inFlight: InFlight) => {
    if (used <= granted) return;
    const wanted = Math.max(used, Math.min(bytes.most, granted + bytes.step));
    const growing = [table.opening(), table.growing(holder ?? "", wanted - granted)];
    noteGrant((await inFlight.run(() => intake.send(growing)))[1]);
    if (used > granted) throw await refusal();
  };

  return {
    reserving(file) {
      const isFirst = holder === null;
      holder ??= file.id;
      const statement = table.reserving(file, isFirst ? Math.min(bytes.most, bytes.step) : 0, bytes.least);
      registering.set(statement, file.id);
      return statement;
    },
    async send(statements) {
      const ids = statements.flatMap((statement) => registering.get(statement) ?? []);
      if (ids.length === 0) return intake.send(statements);
      try {
        const rows = (await intake.send([table.opening(), ...statements, table.closing(ids)])).slice(1, -1);
        places += ids.length;
        if (ids[0] === holder) {
          noteGrant(rows[statements.findIndex((statement) => registering.get(statement) === holder)]);
          first.resolve();
        }
        return rows;
      } catch (error) {
        const isExceeded = error instanceof Problem && error.message.includes(excessConstraint);
        const failure = isExceeded ? await refusal() : error;
        first.reject(failure);
        throw failure;
      }
    },
    storing: (store) => ({
      ...store,
      put(key, source, options) {
        const covered = () => (turn = turn.then(() => cover(options.inFlight)));
        const push = (chunk: Uint8Array) => {
          used += chunk.length;
          // As long as nobody knows what was granted, nothing is stored: `ready` waits for it.
          return granted > 0 && used > granted ? covered() : undefined;
        };
        const ready = Promise.resolve(options.ready).then(covered);
        // A put whose source fails does not wait for it.
        ready.catch(() => undefined);
        const counted = tapSource(source, [{ push, finish: () => undefined }]);
        return store.put(key, counted, { ...options, ready });
      },
    }),
  };
}
