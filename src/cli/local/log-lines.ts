/**
 * Sorts the output of `wrangler dev`: answered requests, the Worker's own log, the compiler's messages, faults with their
 * traces. What wrangler says about itself is dropped.
 */
import { stripVTControlCharacters } from "node:util";
import { isFrame, type ReadTrace } from "./stack-trace.ts";

export type LogLine =
  | {
      readonly kind: "request";
      readonly method: string;
      /** With the query. */
      readonly path: string;
      readonly status: number;
      readonly milliseconds: number;
    }
  /** A line of JSON that the Worker logged; its `stack` is the trace. */
  | { readonly kind: "event"; readonly fields: Readonly<Record<string, unknown>>; readonly trace: readonly string[] }
  /** `tables` is not of wrangler: what was done for migrations. */
  | { readonly kind: "compiler" | "tables" | "text"; readonly text: string }
  | LoudLine;

interface LoudLine {
  readonly kind: "fault" | "warning";
  readonly text: string;
  readonly trace: readonly string[];
}

const noise = [
  /^Using (?:secrets|vars) defined in/,
  /^Found a non-empty CLOUDFLARE_HYPERDRIVE_LOCAL_CONNECTION_STRING_/,
  // Given as a variable, whose name is told of all the same.
  /Missing required secrets: DATABASE_URL\. /,
  /^Your Worker (?:has access|and resources)/,
  /^Binding +Resource/,
  /^env\.\w+/,
  /^❓/,
  /^⎔/,
  /^Cloudflare collects/,
  // A job's own line says more than its queue's.
  /^\[wrangler:info\] (?:Ready on|\S+ updated|- |✨ Parsed|QUEUE )/,
  /^\[custom build\](?: Running: .*| \d+ endpoints? compiled for [^:]+: nothing changed)?$/,
  /^The file .* changed, restarting build/,
  /^Shutting down/,
  // The starting script pulls the trigger itself.
  /Scheduled Workers are not automatically triggered during local development/,
  /^ +(?:To manually trigger a scheduled event|curl "http:\/\/localhost:\d+\/cdn-cgi\/|For more details, see .*\/cron-triggers\/)/,
  // Addresses in workerd's own machine code.
  /^ +stack: \S*workerd@/,
  /^🪵/u,
  /^╭|^│|^╰/,
];

/** A reader for one stream: hand it the chunks as they come, it emits what they say. */
export function createLogReader(emit: (line: LogLine) => void, readTrace: ReadTrace): (chunk: string) => void {
  const loud = createLoudReader(emit, readTrace);
  const read = (text: string) => {
    const line = readLine(text, readTrace);
    if (line !== null) {
      loud.finish();
      emit(line);
    } else if (!loud.take(text)) emit({ kind: "text", text });
  };
  let rest = "";
  let inDump = false;
  return (chunk) => {
    const lines = (rest + chunk).split("\n");
    rest = lines.pop() ?? "";
    for (const raw of lines) {
      const text = stripVTControlCharacters(raw).trimEnd();
      // A failed compilation, which has said why in its own words: wrangler adds a picture of its process object.
      if (/\[Error\]: Process exited with non-zero status/.test(text)) inDump = true;
      if (inDump) inDump = !text.includes("Running custom build");
      else if (text !== "" && !noise.some((pattern) => pattern.test(text))) read(text);
    }
    // Wrangler writes at once what belongs together.
    if (rest === "") loud.finish();
  };
}

const loudMark = /^(?:[▲✘] \[(?:WARNING|ERROR)\]|\[wrangler:(?:warn|error)\]) (?=(.*))/;

/** Null for a line of more than one, and for text. */
function readLine(text: string, readTrace: ReadTrace): LogLine | null {
  const request = /^\[wrangler:info\] ([A-Z]+) (\S+) (\d{3}) .*\((\d+)ms\)$/.exec(text);
  if (request !== null) {
    const [, method = "", path = "", status, milliseconds] = request;
    return { kind: "request", method, path, status: Number(status), milliseconds: Number(milliseconds) };
  }
  const compiler = /^\[custom build\] ?(.*)$/.exec(text);
  if (compiler !== null) return { kind: "compiler", text: compiler[1] ?? "" };
  return readEvent(loudMark.exec(text)?.[1] ?? text, readTrace);
}

function readEvent(text: string, readTrace: ReadTrace): LogLine | null {
  if (!text.startsWith("{")) return null;
  try {
    const { stack, ...fields } = JSON.parse(text) as Readonly<Record<string, unknown>>;
    if (typeof fields["event"] !== "string") return null;
    return { kind: "event", fields, trace: typeof stack === "string" ? readTrace(stack.split("\n")) : [] };
  } catch {
    return null;
  }
}

interface LoudReader {
  /** False: the line neither begins nor continues a message. */
  take(text: string): boolean;
  finish(): void;
}

/** Gathers the lines of what wrangler tells loudly: the message, and where it was thrown. */
function createLoudReader(emit: (line: LoudLine) => void, readTrace: ReadTrace): LoudReader {
  let lines: string[] = [];
  let last: string | null = null;
  const finish = () => {
    const [opening = "", ...others] = lines;
    lines = [];
    if (opening === "") return;
    const told = opening.replace(loudMark, "");
    // What is thrown where nobody waits, wrangler tells twice: with a name that is none, then without its trace.
    const text = others.length === 0 ? told : told.replace(/^(Uncaught .*) Error$/, "$1");
    const trace = readTrace(others);
    if (text !== last || others.length > 0)
      emit({ kind: /^▲|^\[wrangler:warn/.test(opening) ? "warning" : "fault", text, trace });
    last = others.length > 0 ? text : null;
  };
  return {
    finish,
    take(text) {
      if (loudMark.test(text)) {
        finish();
        lines = [text];
        return true;
      }
      const goesOn = lines.length > 0 && (/^(?: |Caused by: )/.test(text) || !lines.some(isFrame));
      if (goesOn) lines.push(text);
      else finish();
      return goesOn;
    },
  };
}
