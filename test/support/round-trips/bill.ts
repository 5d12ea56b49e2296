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

/** Rows are NaN where D1 does not tell them: only `batch`, `all` and `run` do. */
export function billOf(calls: readonly WatchedCall[]): Bill {
  const bills = calls.map(billOfCall);
  const sum = (name: keyof Bill) => bills.reduce((total, bill) => total + (bill[name] ?? 0), 0);
  return {
    d1Calls: sum("d1Calls"),
    statements: sum("statements"),
    rowsRead: sum("rowsRead"),
    rowsWritten: sum("rowsWritten"),
    classA: sum("classA"),
    classB: sum("classB"),
    freeR2: sum("freeR2"),
    objects: sum("objects"),
    messages: sum("messages"),
  };
}

function billOfCall(call: WatchedCall): Partial<Bill> {
  const { name, parameters, result } = call;
  const [first] = parameters;
  switch (call.binding) {
    case "bucket":
      return r2BillOf(call);
    case "database":
      return { d1Calls: 1, statements: name === "batch" ? lengthOf(first) : 1, ...rowsOf(result) };
    case "queue":
      return { messages: name === "sendBatch" ? lengthOf(first) : 1 };
    case "object":
    case "storage":
      throw new Error("No operation here has a Durable Object");
    default:
      return call.binding satisfies never;
  }
}

function r2BillOf({ name }: BindingCall): Partial<Bill> {
  const bill = r2[name];
  if (bill === undefined) throw new Error(`Nobody said what R2's ${name} costs`);
  return bill;
}

const lengthOf = (items: unknown): number => Array.from(items as Iterable<unknown>).length;

interface Counted {
  readonly meta?: { readonly rows_read: number; readonly rows_written: number };
}

function rowsOf(result: unknown): Pick<Bill, "rowsRead" | "rowsWritten"> {
  const results = (Array.isArray(result) ? result : [result]) as readonly (Counted | undefined)[];
  const sum = (name: "rows_read" | "rows_written") =>
    results.reduce((total, one) => total + (one?.meta?.[name] ?? Number.NaN), 0);
  return { rowsRead: sum("rows_read"), rowsWritten: sum("rows_written") };
}
