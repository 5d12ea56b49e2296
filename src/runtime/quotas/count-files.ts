/**
 * The call whose files count for a quota. A place for each is reserved in the batch that registers it, and the bytes of all
 * together with the first, whose row holds them until the call ends: its last batch gives each file its size, and whatever
 * ends the call otherwise gives all back. Bytes that go beyond what was reserved wait for more before they are stored.
 */
import { excessConstraint } from "../../contract/row-guard.ts";
import type { Quota } from "../../contract/plan.ts";
import { Problem } from "../../contract/problem.ts";
import { tapSource } from "../bytes.ts";
import type { Intake, RunContext } from "../call/run-context.ts";
import type { Rows, Statement } from "../database/database.ts";
import type { NewFile } from "../files/row.ts";
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

export function countFiles(context: RunContext, quota: OpenQuota): RunContext {
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

interface Reserved {
  reserving(file: NewFile): Statement;
  send(statements: readonly Statement[]): Promise<Rows>;
  storing(store: ObjectStore): ObjectStore;
}

function createReserved({ quota, table, bytes, now }: OpenQuota, intake: Intake): Reserved {
  /** By their statements, until these are sent. */
  const registering = new Map<Statement, string>();
  /** The file whose row holds the bytes of all. */
  let holder: string | null = null;
  const first = Promise.withResolvers<void>();
  // A call that is refused otherwise asks nobody for bytes.
  first.promise.catch(() => undefined);
  /** What the rows have got, and what the files have. */
  let granted = 0;
  let places = 0;
  let used = 0;
  let turn: Promise<void> = first.promise;

  const refusal = async () => exceeded(quota, await table.read(), now, { bytes: granted, files: places });
  const note = (row: Rows[number][number] | undefined) => void (granted = Number(row?.["file_size"] ?? granted));

  const grow = async (send: Intake["send"]) => {
    if (used <= granted) return;
    const wanted = Math.min(bytes.most, Math.max(used, granted + bytes.step)) - granted;
    const [, rows = []] = await send([table.opening(), table.growing(holder ?? "", Math.max(wanted, used - granted))]);
    note(rows[0]);
    if (used > granted) throw await refusal();
  };

  return {
    reserving(file) {
      const isFirst = holder === null;
      holder ??= file.id;
      const wanted = isFirst ? Math.min(bytes.most, bytes.step) : 0;
      const statement = table.reserving(file, wanted, bytes.least);
      registering.set(statement, file.id);
      return statement;
    },
    async send(statements) {
      const ids = statements.flatMap((statement) => registering.get(statement) ?? []);
      if (ids.length === 0) return intake.send(statements);
      try {
        const rows = (await intake.send([table.opening(), ...statements, table.closing(ids)])).slice(1, -1);
        places += ids.length;
        const held = statements.findIndex((statement) => registering.get(statement) === holder);
        if (held >= 0) {
          note(rows[held]?.[0]);
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
        const { inFlight } = options;
        const covered = () => (turn = turn.then(() => grow((list) => inFlight.run(() => intake.send(list)))));
        const push = (chunk: Uint8Array) => {
          used += chunk.length;
          // What is reserved at first is checked when that is known.
          return granted > 0 && used > granted ? covered() : undefined;
        };
        const ready = Promise.resolve(options.ready).then(covered);
        ready.catch(() => undefined);
        const counted = tapSource(source, [{ push, finish: () => undefined }]);
        return store.put(key, counted, { ...options, ready });
      },
    }),
  };
}
