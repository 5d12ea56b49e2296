/** Which media type the first bytes of a file prove, by a signature of the table or by what a ZIP begins with. */
import { mediaTypes } from "../../contract/media-types.ts";
import { zipType } from "./zip.ts";

/** Bytes needed to tell all signatures apart; office documents name their kind in the archive's first entries. */
export const HEAD_BYTES = 4096;

const PDF = "application/pdf";

const signatures = [...mediaTypes];

/** @param claim the type that the client declares */
export function signedType(head: Uint8Array, claim: string | null): string | null {
  // One character per byte; the platform's `latin1` decoder is windows-1252 and would not be.
  const text: string = Reflect.apply(String.fromCharCode, null, head.subarray(0, HEAD_BYTES));
  const [type] = signatures.find(([, { magic }]) => magic?.test(text)) ?? [];
  if (type === "application/zip") return zipType(text) ?? type;
  // Readers look for it in the first 1024 bytes. Behind others it counts for who says PDF, and never behind markup.
  return type ?? (claim === PDF && /^[^<]{1,1019}%PDF-/.test(text) ? PDF : null);
}
