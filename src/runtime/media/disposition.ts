/**
 * The Content-Disposition header (RFC 6266): a display name that cannot break out of it, and what a signed link may ask
 * for.
 */
import { displayName } from "./display-name.ts";
import { readExtendedValue } from "../extended-value.ts";
import { encodeStrictly } from "../sigv4.ts";

export interface Disposition {
  readonly kind: "inline" | "attachment";
  /** Not yet cleaned; null when none was given. */
  readonly fileName: string | null;
}

/**
 * The header's value. The name is cleaned here, whoever cleaned it before: `displayName` leaves no control or direction
 * character and no path. `filename` is its ASCII approximation for old clients; `filename*` (RFC 8187) is added when
 * that loses something.
 */
export function formatDisposition({ kind, fileName }: Disposition): string {
  if (fileName === null) return kind;
  const name = displayName(fileName);
  // Percent signs too: some clients decode `filename` although they should not (RFC 6266 appendix D).
  const likeness = name.replace(/[^ -~]|["%]/gu, "_");
  const exact = likeness === name ? "" : `; filename*=UTF-8''${encodeStrictly(name)}`;
  return `${kind}; filename="${likeness}"${exact}`;
}

/** Reads `inline` or `attachment` with an optional `filename` and `filename*`; null for anything else. */
export function readDisposition(text: string): Disposition | null {
  const [, kind] = /^(inline|attachment)(?=$|[ \t;])/i.exec(text) ?? [];
  if (kind === undefined) return null;
  const parameter = /[ \t]*;[ \t]*(filename\*?)=(?:"((?:[^"\\]|\\.)*)"|([\w!#$%&'*+.^`|~-]+))/iuy;
  parameter.lastIndex = kind.length;
  const names = new Map<string, string>();
  while (parameter.lastIndex < text.length) {
    const [, name, quoted, token] = parameter.exec(text) ?? [];
    if (name === undefined || names.has(name.toLowerCase())) return null;
    const value = name.endsWith("*") ? readExtendedValue(token ?? "") : (token ?? quoted?.replace(/\\(.)/gu, "$1"));
    if (value === undefined || value === null) return null;
    names.set(name.toLowerCase(), value);
  }
  return {
    kind: kind.toLowerCase() === "inline" ? "inline" : "attachment",
    fileName: names.get("filename*") ?? names.get("filename") ?? null,
  };
}

/** True for a value that a signed link may carry. A lone surrogate cannot be written into an address. */
export function isDisposition(text: string): boolean {
  return text.isWellFormed() && readDisposition(text) !== null;
}
