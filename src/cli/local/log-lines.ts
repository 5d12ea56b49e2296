/**
 * Sorts the output of `wrangler dev`: answered requests, the Worker's own log, the compiler's messages, faults. What
 * wrangler says about itself is dropped.
 */
import { stripVTControlCharacters } from "node:util";

export type LogLine =
  | {
      readonly kind: "request";
      readonly method: string;
      readonly path: string;
      readonly status: number;
      readonly milliseconds: number;
    }
  /** A line of JSON that the Worker logged. */
  | { readonly kind: "event"; readonly fields: Readonly<Record<string, unknown>> }
  | { readonly kind: "compiler"; readonly text: string }
  | { readonly kind: "fault"; readonly text: string }
  | { readonly kind: "text"; readonly text: string };

const noise = [
  /^Using (?:secrets|vars) defined in/,
  /^Your Worker (?:has access|and resources)/,
  /^Binding +Resource/,
  /^env\.\w+/,
  /^❓/,
  /^⎔/,
  /^Cloudflare collects/,
  /^\[wrangler:info\] (?:Ready on|\S+ updated|- |✨ Parsed)/,
  /^\[custom build\](?: Running: .*| \d+ endpoints? compiled for [^:]+: nothing changed)?$/,
  /^The file .* changed, restarting build/,
  /^Shutting down/,
  // The starting script pulls the trigger itself.
  /Scheduled Workers are not automatically triggered during local development/,
  /^ +(?:To manually trigger a scheduled event|curl "http:\/\/localhost:\d+\/cdn-cgi\/|For more details, see .*\/cron-triggers\/)/,
  /^🪵/u,
  /^╭|^│|^╰/,
];

/** A reader for one stream: hand it the chunks as they come, it emits whole lines. */
export function createLogReader(emit: (line: LogLine) => void): (chunk: string) => void {
  let rest = "";
  let inFault = false;
  let inDump = false;
  return (chunk) => {
    const lines = (rest + chunk).split("\n");
    rest = lines.pop() ?? "";
    for (const raw of lines) {
      const text = stripVTControlCharacters(raw).trimEnd();
      // A failed compilation, which has said why in its own words: wrangler adds a picture of its process object.
      if (/\[Error\]: Process exited with non-zero status/.test(text)) inDump = true;
      if (inDump) {
        inDump = !text.includes("Running custom build");
        continue;
      }
      const line = readLine(text, inFault);
      if (line === null) continue;
      inFault = line.kind === "fault";
      emit(line);
    }
  };
}

function readLine(text: string, inFault: boolean): LogLine | null {
  if (text.trim() === "" || noise.some((pattern) => pattern.test(text))) return null;
  const request = /^\[wrangler:info\] ([A-Z]+) (\S+) (\d{3}) .*\((\d+)ms\)$/.exec(text);
  if (request !== null) {
    const [, method = "", path = "", status, milliseconds] = request;
    return { kind: "request", method, path, status: Number(status), milliseconds: Number(milliseconds) };
  }
  const compiler = /^\[custom build\] ?(.*)$/.exec(text);
  if (compiler !== null) return { kind: "compiler", text: compiler[1] ?? "" };
  const loud = /^(?:[▲✘] \[(?:WARNING|ERROR)\]|\[wrangler:(?:warn|error)\]) (.*)$/.exec(text);
  if (loud === null) return { kind: inFault ? "fault" : "text", text };
  return readEvent(loud[1] ?? "") ?? { kind: "fault", text: loud[1] ?? "" };
}

function readEvent(text: string): LogLine | null {
  if (!text.startsWith("{")) return null;
  try {
    return { kind: "event", fields: JSON.parse(text) as Record<string, unknown> };
  } catch {
    return null;
  }
}
