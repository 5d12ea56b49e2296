/** Shows a running server's log: one short, aligned line for each request, refusal or fault. */
import { healthPath } from "../../contract/routes.ts";
import type { LogLine } from "../local/log-lines.ts";
import { TRIGGER_PATH } from "../local/minute-trigger.ts";
import type { Style } from "./style.ts";

/** A function that writes each line with `write`. */
export function createLogPrinter(style: Style, write: (text: string) => void): (line: LogLine) => void {
  return (line) => {
    const text = format(line, style);
    if (text !== null) write(`  ${style.dim(new Date().toTimeString().slice(0, 8))}  ${text}`);
  };
}

function format(line: LogLine, style: Style): string | null {
  switch (line.kind) {
    case "request": {
      // Asked by the starting script itself, again and again.
      if (line.path === healthPath || line.path.startsWith(TRIGGER_PATH)) return null;
      const status = line.status < 400 ? style.good(String(line.status)) : style.bad(String(line.status));
      const path = line.path.length > 60 ? `${line.path.slice(0, 59)}…` : line.path;
      return `${line.method.padEnd(7)} ${status}  ${path}  ${style.dim(`${line.milliseconds} ms`)}`;
    }
    case "event":
      return formatEvent(line.fields, style);
    case "compiler":
      return `${style.bold("abis   ")} ${line.text}`;
    case "fault":
      return `${style.bad("fault  ")} ${line.text}`;
    case "text":
      return `${style.dim("log    ")} ${line.text}`;
    default:
      return line satisfies never;
  }
}

function formatEvent(fields: Readonly<Record<string, unknown>>, style: Style): string {
  const { event, code, reason, stack, request_id: requestId, ...others } = fields;
  if (event === "problem") {
    const trace = typeof stack === "string" ? `\n${stack}` : "";
    return `${style.bad("refused")} ${String(code)}: ${String(reason)}${trace}  ${style.dim(String(requestId))}`;
  }
  return `${style.dim("event  ")} ${String(event)} ${JSON.stringify(others)}  ${style.dim(String(requestId))}`;
}
