/** Shows a running server's log: one short, aligned line for each call, refusal or fault, the last with its trace. */
import { healthPath } from "../../contract/routes.ts";
import type { LogLine } from "../local/log-lines.ts";
import { TRIGGER_PATH } from "../local/minute-trigger.ts";
import type { Style } from "./style.ts";

type Request = Extract<LogLine, { readonly kind: "request" }>;
type Fields = Readonly<Record<string, unknown>>;

/** A function that writes the lines that are worth it, each with `write`. */
export function createLogPrinter(style: Style, write: (text: string) => void): (line: LogLine) => void {
  /** What the health of the server lacks, by probe: asked for again and again, told when it changes. */
  const lacking = new Map<string, unknown>();
  const isNews = ({ event, probe, reason }: Fields): boolean => {
    if (event !== "degraded") return true;
    const known = lacking.get(String(probe));
    lacking.set(String(probe), reason);
    return known !== reason;
  };
  return (line) => {
    if (line.kind === "request") {
      if (line.path === healthPath && line.status < 400) lacking.clear();
      if (isOwn(line)) return;
    }
    if (line.kind === "event" && (isIdle(line.fields) || !isNews(line.fields))) return;
    write(`  ${style.dim(new Date().toTimeString().slice(0, 8))}  ${format(line, style)}`);
  };
}

/** Sent by the starting script itself, again and again. */
const isOwn = ({ path }: Request): boolean => path === healthPath || path.startsWith(TRIGGER_PATH);

/** A sweep, or a comparison of bucket and table, that found nothing to do: however much it looked at. */
function isIdle({ event, ...counts }: Fields): boolean {
  if (event !== "sweep" && event !== "reconcile") return false;
  return Object.entries(counts).every(([name, value]) => name === "objects" || isNothing(value));
}

const isNothing = (value: unknown): boolean =>
  typeof value === "object" && value !== null
    ? Object.values(value).every(isNothing)
    : typeof value !== "number" || value === 0;

/** Under what it belongs to. */
const TRACE_INDENT = " ".repeat(14);

function format(line: LogLine, style: Style): string {
  switch (line.kind) {
    case "request": {
      const status = line.status < 400 ? style.good(String(line.status)) : style.bad(String(line.status));
      const path = line.path.length > 60 ? `${line.path.slice(0, 59)}…` : line.path;
      return `${line.method.padEnd(7)} ${status}  ${path}  ${style.dim(`${line.milliseconds} ms`)}`;
    }
    case "event":
      return formatEvent(line.fields, style) + formatTrace(line.trace, style);
    case "compiler":
      return `${style.bold("abis   ")} ${line.text}`;
    case "tables":
      return `${style.bold("tables ")} ${line.text}`;
    case "fault":
      return `${style.bad("fault  ")} ${line.text}${formatTrace(line.trace, style)}`;
    case "warning":
      return `${style.bold("warning")} ${line.text}${formatTrace(line.trace, style)}`;
    case "text":
      return `${style.dim("log    ")} ${line.text}`;
    default:
      return line satisfies never;
  }
}

const formatTrace = (trace: readonly string[], style: Style): string =>
  trace.map((line) => `\n${TRACE_INDENT}${style.dim(line)}`).join("");

function formatEvent({ event, request_id: requestId, ...fields }: Fields, style: Style): string {
  const id = typeof requestId === "string" ? `  ${style.dim(requestId)}` : "";
  if (event === "origin_refused") {
    return `${style.bad("refused")} pages of ${String(fields["origin"])}: ${String(fields["reason"])}${id}`;
  }
  if (event !== "problem") return `${style.dim("event  ")} ${String(event)} ${JSON.stringify(fields)}${id}`;
  return `${style.bad("refused")} ${String(fields["code"])}: ${String(fields["reason"])}${id}`;
}
