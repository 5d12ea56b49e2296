/** Prints diagnostics as compilers do: where and what in one line, the line of the file, a mark under the place, advice. */
import type { Diagnostic } from "../../compiler/text/diagnostic.ts";
import type { TextSpan } from "../../compiler/text/json-text.ts";
import { locateAll, type Located } from "../../compiler/text/locate.ts";

/** Characters of a file's line that are shown; SQL stands on one line, however long. */
const SHOWN = 100;
/** Of them before what is marked. */
const SHOWN_BEFORE = 40;

// What would move the cursor is no part of a picture.
const withoutControls = (line: string): string => line.replaceAll(/\p{Cc}/gu, " ");

/** A key that stands where its name should must not come into the log of a build. */
const isSecret = (name: string): boolean => /encryption|secret|password/i.test(name);
const withoutSecrets = (line: string): string =>
  line.replaceAll(/"(\w+)":( ?)"((?:[^"\\]|\\.)+)"/g, (member, name: string, space: string, value: string) =>
    isSecret(name) && !value.startsWith("$") ? `"${name}":${space}"${"*".repeat(value.length)}"` : member,
  );

/** The part of the line around the mark, and where the mark begins in it. */
function cutOut(line: string, { column }: TextSpan): { readonly part: string; readonly before: number } {
  const start = line.length <= SHOWN ? 0 : Math.max(0, column - 1 - SHOWN_BEFORE);
  const [left, right] = [start > 0 ? "…" : "", start + SHOWN < line.length ? "…" : ""];
  return { part: left + line.slice(start, start + SHOWN) + right, before: left.length + column - 1 - start };
}

const lineOf = (text: string, { line }: TextSpan): string | undefined =>
  text
    .replace(/^\uFEFF/, "")
    .split("\n")
    .at(line - 1)
    ?.trimEnd();

/** The line of the text, and a mark under the span. */
function drawSource(text: string, span: TextSpan): string[] {
  const written = lineOf(text, span);
  if (written === undefined) return [];
  const line = withoutSecrets(withoutControls(written));
  const { part, before } = cutOut(line, span);
  const marked = Math.max(1, Math.min(span.length, part.length - before));
  const number = String(span.line);
  return [`  ${number} | ${part}`, `  ${" ".repeat(number.length)} | ${" ".repeat(before)}${"^".repeat(marked)}`];
}

/** Words of advice on lines of a terminal. */
function wrap(text: string): string[] {
  const lines = [""];
  for (const word of text.split(" ")) {
    const line = lines.at(-1) ?? "";
    if (line !== "" && line.length + word.length >= SHOWN) lines.push(word);
    else lines[lines.length - 1] = line === "" ? word : `${line} ${word}`;
  }
  return lines.map((line, index) => `${index === 0 ? "  " : "    "}${line}`);
}

/** What is wrong, and apart from it what was expected, what is near, what the database adds. */
function partsOf(message: string): string[] {
  return message.split(/; (?=expected |write )|\. (?=Did you mean |DETAIL: |HINT: )/);
}

function placeOf({ file, place }: Diagnostic, span: TextSpan | null): string {
  return span === null ? file + place : `${file}:${String(span.line)}:${String(span.column)}`;
}

/** `file:line:column: message`, on one line. */
export function formatLocated({ diagnostic, span }: Located): string {
  return `${placeOf(diagnostic, span)}: ${diagnostic.message}`;
}

function draw({ diagnostic, span }: Located, text: string): string[] {
  const [what = "", ...advice] = partsOf(diagnostic.message);
  const kind = diagnostic.severity === "warning" ? "warning: " : "";
  return [
    `${placeOf(diagnostic, span)}: ${kind}${what}`,
    ...(span === null ? [] : drawSource(text, span)),
    ...advice.flatMap(wrap),
  ];
}

/** The lines for a terminal, in the order of the files. @param textOf the text of a file; null = it cannot be read */
export function drawDiagnostics(diagnostics: readonly Diagnostic[], textOf: (file: string) => string | null): string[] {
  return locateAll(diagnostics, textOf).flatMap((located) => draw(located, textOf(located.diagnostic.file) ?? ""));
}
