/** Reads text into a string. */
import type { ByteSource } from "../bytes.ts";
import type { Problem } from "../../contract/problem.ts";
import { malformed } from "./refusals.ts";

export interface TextLimits {
  /** What it is, for whoever sent it: `The JSON`. */
  readonly what: string;
  readonly maxBytes: number;
  /** What is thrown at the first view that goes over it. */
  readonly tooLong: () => Problem;
  /** Called with the size of each view before its text is kept; what it throws is passed on. */
  readonly keep: (bytes: number) => void;
}

/**
 * The whole source as UTF-8, a byte order mark included. Reads the source to its end; throws what its limits throw,
 * Problem("body_malformed") for bytes that are not UTF-8, and what the source throws.
 */
export async function readText(source: ByteSource, { what, maxBytes, tooLong, keep }: TextLimits): Promise<string> {
  const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });
  let text = "";
  let count = 0;
  for (let view = await source.read(); view !== null; view = await source.read()) {
    count += view.byteLength;
    if (count > maxBytes) throw tooLong();
    keep(view.byteLength);
    text += decode(decoder, view, what);
  }
  return text + decode(decoder, null, what);
}

/** Null: the end. */
function decode(decoder: TextDecoder, view: Uint8Array | null, what: string): string {
  try {
    return view === null ? decoder.decode() : decoder.decode(view, { stream: true });
  } catch (cause) {
    throw malformed(`${what} is not UTF-8.`, cause);
  }
}
