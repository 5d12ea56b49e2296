/** Faults and warnings of a compilation as values: collected, sorted, printed. */

type Severity = "fault" | "warning";

export interface Diagnostic {
  /** Name of the ABI's file, as the caller gave it. */
  readonly file: string;
  /** JSON pointer (RFC 6901) to the spot, or `:line:column` where the text is not JSON at all. Empty = the whole file. */
  readonly place: string;
  readonly message: string;
  readonly severity: Severity;
}

/** Takes the diagnostics of one file. Places are JSON pointers that start with a slash. */
export interface Report {
  fault(place: string, message: string): void;
  warn(place: string, message: string): void;
}

export function createReport(file: string, diagnostics: Diagnostic[]): Report {
  return {
    fault(place, message) {
      diagnostics.push({ file, place, message, severity: "fault" });
    },
    warn(place, message) {
      diagnostics.push({ file, place, message, severity: "warning" });
    },
  };
}

/** One step of a JSON pointer, escaped (RFC 6901 §3), with its slash. */
export function pointerStep(name: string | number): string {
  return `/${String(name).replaceAll("~", "~0").replaceAll("/", "~1")}`;
}

/** By file, then by place with numbers in numeric order; equal ones once. */
export function sortDiagnostics(diagnostics: readonly Diagnostic[]): Diagnostic[] {
  const unique = new Map(diagnostics.map((diagnostic) => [JSON.stringify(diagnostic), diagnostic]));
  const order = new Intl.Collator("en", { numeric: true });
  return [...unique.values()].sort(
    (a, b) => order.compare(a.file, b.file) || order.compare(a.place, b.place) || order.compare(a.message, b.message),
  );
}

/** One line for a terminal or an editor's problem matcher. */
export function formatDiagnostic({ file, place, message, severity }: Diagnostic): string {
  return `${file}${place}: ${severity === "warning" ? "warning: " : ""}${message}`;
}
