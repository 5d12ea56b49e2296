/**
 * Which kind of ZIP a file is, by the entries at its beginning: the local headers that the first bytes hold (APPNOTE.TXT
 * §4.3.7). Nothing is inflated, and the directory at the end is not known yet.
 */
import { mediaTypes } from "../../contract/media-types.ts";

const ENTRY = "PK\u0003\u0004";
const HEADER_BYTES = 30;
const DESCRIPTOR_FLAG = 8;

/** @param text the file's first bytes, one character each; null where no entry tells more */
export function zipType(text: string): string | null {
  // What an uncompressed first entry `mimetype` holds: OCF §4.3, OpenDocument 1.3 part 2 §3.3. The next header may follow.
  const [, stated = ""] = /^mimetype([a-z]+\/[\w.+-]+?)(?:PK|[^\w.+-]|$)/.exec(text.slice(HEADER_BYTES)) ?? [];
  if (mediaTypes.get(stated)?.stated === true) return stated;
  const names = entryNames(text).join("\n");
  const found = [...mediaTypes].find(([, { entry }]) => entry?.test(names));
  return found?.[0] ?? null;
}

function entryNames(text: string): readonly string[] {
  const number = (at: number) => text.charCodeAt(at) + text.charCodeAt(at + 1) * 256;
  const names = [];
  for (let at = 0; at >= 0 && text.startsWith(ENTRY, at) && at + HEADER_BYTES <= text.length;) {
    const nameEnd = at + HEADER_BYTES + number(at + 26);
    names.push(text.slice(at + HEADER_BYTES, nameEnd));
    // Whoever writes without going back puts the size behind the data.
    const isSized = (number(at + 6) & DESCRIPTOR_FLAG) === 0;
    at = isSized
      ? nameEnd + number(at + 28) + number(at + 18) + number(at + 20) * 65_536
      : text.indexOf(ENTRY, nameEnd);
  }
  return names;
}
