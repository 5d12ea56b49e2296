/** Faults and warnings of a compilation as values: collected, sorted, printed. */

type Severity = "fault" | "warning";

/** Where it is, more exactly than the place: the name of the member that stands there, or an index of its text. */
export type Spot = "name" | number;

export interface Diagnostic {
  /** Name of the ABI's file, as the caller gave it. */
  readonly file: string;
  /** JSON pointer (RFC 6901) to the spot, or `:line:column` where the text is not JSON at all. Empty = the whole file. */
  readonly place: string;
  /** What is wrong; then `; expected …` and `. Did you mean …?`, which are shown in lines of their own. */
  readonly message: string;
  readonly severity: Severity;
  readonly spot?: Spot;
}

/** Takes the diagnostics of one file. Places are JSON pointers that start with a slash. */
export interface Report {
  fault(place: string, message: string, spot?: Spot): void;
  warn(place: string, message: string, spot?: Spot): void;
}

export function createReport(file: string, diagnostics: Diagnostic[]): Report {
  const add = (severity: Severity) => (place: string, message: string, spot?: Spot) => {
    diagnostics.push({ file, place, message, severity, ...(spot === undefined ? {} : { spot }) });
  };
  return { fault: add("fault"), warn: add("warning") };
}

/** One step of a JSON pointer, escaped (RFC 6901 §3), with its slash. */
export function pointerStep(name: string | number): string {
  return `/${String(name).replaceAll("~", "~0").replaceAll("/", "~1")}`;
}

/** By file, then by place with numbers in numeric order; equal ones once. */
export function sortDiagnostics(diagnostics: readonly Diagnostic[]): Diagnostic[] {
  const unique = new Map(diagnostics.map((diagnostic) => [JSON.stringify(diagnostic), diagnostic]));
  // Making a collator takes longer than compiling a file.
  if (unique.size < 2) return [...unique.values()];
  const order = new Intl.Collator("en", { numeric: true });
  return [...unique.values()].sort(
    (a, b) => order.compare(a.file, b.file) || order.compare(a.place, b.place) || order.compare(a.message, b.message),
  );
}

/** Another database's fault where the chosen one's is told: one mistake, in the words of both. */
export function isTold({ file, place }: Diagnostic, told: readonly Diagnostic[]): boolean {
  return told.some((other) => other.severity === "fault" && other.file === file && other.place === place);
}
