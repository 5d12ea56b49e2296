/**
 * Reads the Content-Disposition of a part: the names of the field and of the file (RFC 7578 §4.2). Both are the client's
 * words, not fit for keys or paths.
 *
 * Quotes in names are written in two ways that contradict each other. Browsers (and all who follow the WHATWG's
 * "multipart/form-data encoding algorithm") write %22, %0D and %0A for quote, CR and LF, and leave a backslash as it
 * is. Older curl and Go write `\"` and `\\`. Read here: the three percent escapes, and of backslashes only those two
 * pairs, so `C:\folder\file.txt` stays whole. If the header cannot be read so, it is read again with all backslashes
 * literal: `name="a\"; filename="b"` is how a browser writes a field named `a\`.
 *
 * `filename*` and `name*` (RFC 8187) have no place in a form, but HTTP libraries send them, next to a plain name that is
 * cut down to ASCII. So they win where they can be read; else a plain name beside them counts. Any other parameter is
 * ignored.
 */
import { readExtendedValue } from "../extended-value.ts";
import { readFileName, unescapePercent } from "./file-name.ts";
import { parseParameters, trimBlanks } from "./parameters.ts";
import { malformed } from "./refusals.ts";

export interface PartNames {
  readonly name: string;
  /** Null: no `filename` and no `filename*`, a text field. */
  readonly fileName: string | null;
}

/** Encoded C0 controls and DEL: in a name nobody has a reason for them. */
const ENCODED_CONTROL = /%(?:[01][0-9A-Fa-f]|7[Ff])/;

/** Null: it cannot be read. */
function readExtendedName(value: string): string | null {
  return ENCODED_CONTROL.test(value) ? null : readExtendedValue(value);
}

/** Throws Problem("body_malformed") for anything but `form-data` with a name. `value` holds no control characters but tabs. */
export function parseContentDisposition(value: string): PartNames {
  const semicolon = value.indexOf(";");
  const type = semicolon === -1 ? value : value.slice(0, semicolon);
  if (trimBlanks(type).toLowerCase() !== "form-data") throw malformed("A part's Content-Disposition is not form-data.");
  const parameters = dispositionParameters(value, type.length);
  if (parameters === null) throw malformed("The parameters of a part's Content-Disposition cannot be read.");
  const name = dispositionName(parameters, "name", unescapePercent);
  if (name === null) throw malformed("A part has no name.");
  return { name, fileName: dispositionName(parameters, "filename", readFileName) };
}

/**
 * The parameters behind index `from`; null where they cannot be read. React Native ends the header with `filename*=utf-8''` and a name in which `encodeURI` has left semicolons bare: where
 * that breaks the list, it is read without.
 */
export function dispositionParameters(value: string, from: number): Map<string, string> | null {
  const read = (text: string) => parseParameters(text, from, true) ?? parseParameters(text, from, false);
  const whole = read(value);
  const extended = value.search(/;[ \t]*filename\*=/i);
  if (whole !== null || extended === -1) return whole;
  const before = read(value.slice(0, extended));
  return before?.has("filename") === true ? before : null;
}

/** Null: it has none. @throws Problem `body_malformed` where only the extended one is there, and cannot be read */
export function dispositionName(
  parameters: ReadonlyMap<string, string>,
  parameter: "name" | "filename",
  readPlain: (text: string) => string,
): string | null {
  const plain = parameters.get(parameter);
  const extended = parameters.get(`${parameter}*`);
  const name = extended === undefined ? null : readExtendedName(extended);
  // Cut at a bare semicolon, behind which something else could be read.
  const isCut = name !== null && plain?.startsWith(`${name};`) === true;
  if (name !== null && !isCut) return name;
  if (plain !== undefined) return readPlain(plain);
  if (extended !== undefined) throw malformed(`A ${parameter}* parameter cannot be read.`);
  return null;
}
