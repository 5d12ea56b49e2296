/** What calls of bindings are billed as. */
import type { BindingCall } from "../watched-bindings.ts";
import type { Bill } from "./report.ts";
import type { WatchedCall } from "./waves.ts";

const oneA: Partial<Bill> = { classA: 1 };
const oneB: Partial<Bill> = { classB: 1 };
const free: Partial<Bill> = { freeR2: 1 };

/** https://developers.cloudflare.com/r2/pricing/#class-a-operations */
const r2: Readonly<Record<string, Partial<Bill>>> = {
  put: { ...oneA, objects: 1 },
  list: oneA,
  createMultipartUpload: oneA,
  uploadPart: oneA,
  complete: { ...oneA, objects: 1 },
  get: oneB,
  head: oneB,
  delete: free,
  abort: free,
};

const nothing: Bill = {
  d1Calls: 0,
  statements: 0,
  rowsRead: 0,
  rowsWritten: 0,
  classA: 0,
  classB: 0,
  freeR2: 0,
  objects: 0,
  messages: 0,
};

/** Rows are NaN where D1 does not tell them: only `batch`, `all` and `run` do. */
export function billOf(calls: readonly WatchedCall[]): Bill {
  return calls.map(billOfCall).reduce(addBills, nothing);
}

function addBills(one: Bill, other: Bill): Bill {
  const sums = Object.keys(nothing).map((name) => [name, one[name as keyof Bill] + other[name as keyof Bill]]);
  return Object.fromEntries(sums) as unknown as Bill;
}

function billOfCall(call: WatchedCall): Bill {
  switch (call.binding) {
    case "bucket":
      return { ...nothing, ...r2BillOf(call) };
    case "database":
      return { ...nothing, d1Calls: 1, statements: statementsOf(call), ...rowsOf(call.result) };
    case "queue":
      return { ...nothing, messages: messagesOf(call) };
    default:
      return call.binding satisfies never;
  }
}

function r2BillOf({ name }: BindingCall): Partial<Bill> {
  const bill = r2[name];
  if (bill === undefined) throw new Error(`Nobody said what R2's ${name} costs`);
  return bill;
}

const statementsOf = ({ name, parameters: [first] }: BindingCall) =>
  name === "batch" && Array.isArray(first) ? first.length : 1;

const messagesOf = ({ name, parameters: [first] }: BindingCall) =>
  name === "sendBatch" ? Array.from(first as Iterable<unknown>).length : 1;

function rowsOf(result: unknown): Pick<Bill, "rowsRead" | "rowsWritten"> {
  const metas = (Array.isArray(result) ? result : [result]).map((one) => (one as Partial<D1Result> | undefined)?.meta);
  const sum = (name: "rows_read" | "rows_written") =>
    metas.reduce((total, meta) => total + (meta?.[name] ?? Number.NaN), 0);
  return { rowsRead: sum("rows_read"), rowsWritten: sum("rows_written") };
}
