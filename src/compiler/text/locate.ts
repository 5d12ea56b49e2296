/** Finds in the text of a file what its diagnostics speak of. */
import type { Diagnostic } from "./diagnostic.ts";
import { parseJsonText, type TextSpan } from "./json-text.ts";

/** A diagnostic with its place in the text; null where it speaks of the file as a whole. */
export interface Located {
  readonly diagnostic: Diagnostic;
  readonly span: TextSpan | null;
}

type SpanOf = (diagnostic: Diagnostic) => TextSpan | null;

/** What is missing has no place: the nearest that is there and would hold it. */
function createSpanOf(text: string): SpanOf {
  const parsed = parseJsonText(text);
  if (!parsed.ok) return () => null;
  return ({ place, spot }) => {
    let span = parsed.spanOf(place, spot);
    for (let above = place; span === null && above !== "";) {
      above = above.slice(0, above.lastIndexOf("/"));
      span = parsed.spanOf(above, "name");
    }
    return span;
  };
}

/** Of a place that is a line and a column already. */
function writtenSpan(place: string): TextSpan | null {
  const [, line, column] = /^:(\d+):(\d+)$/.exec(place) ?? [];
  return line === undefined ? null : { line: Number(line), column: Number(column), length: 1 };
}

/** In the order in which they stand in their files. @param textOf the text of a file; null = it cannot be read */
export function locateAll(diagnostics: readonly Diagnostic[], textOf: (file: string) => string | null): Located[] {
  const files = new Map<string, SpanOf>();
  const spanOf = (diagnostic: Diagnostic): TextSpan | null => {
    const { file, place } = diagnostic;
    const known = files.get(file) ?? createSpanOf(textOf(file) ?? "");
    files.set(file, known);
    return writtenSpan(place) ?? known(diagnostic);
  };
  const at = ({ span }: Located): [line: number, column: number] => [span?.line ?? 0, span?.column ?? 0];
  return diagnostics
    .map((diagnostic) => ({ diagnostic, span: spanOf(diagnostic) }))
    .sort((one, other) => {
      if (one.diagnostic.file !== other.diagnostic.file) return one.diagnostic.file < other.diagnostic.file ? -1 : 1;
      const [[line, column], [otherLine, otherColumn]] = [at(one), at(other)];
      return line - otherLine || column - otherColumn;
    });
}
