/** A diagnostic in one line, with its place as a JSON pointer: tests say what is wrong where, and not how their ABI is laid out. */
import type { Diagnostic } from "../../src/compiler/text/diagnostic.ts";

export function pointerLine({ file, place, message, severity }: Diagnostic): string {
  return `${file}${place}: ${severity === "warning" ? "warning: " : ""}${message}`;
}
