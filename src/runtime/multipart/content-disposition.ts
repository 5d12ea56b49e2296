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
 * `filename*` (RFC 8187) has no place in a form, but HTTP libraries send it, next to a `filename` that is cut down to
 * ASCII. So it wins. It must be UTF-8 and well-formed: to fall back would be to guess which of two names was meant.
 * Any other parameter, `name*` too, is ignored.
 */
import { readExtendedValue } from "../extended-value.ts";
import { parseParameters, trimBlanks } from "./parameters.ts";
import { malformed } from "./refusals.ts";

export interface PartNames {
  readonly name: string;
  /** Null: no `filename` and no `filename*`, a text field. */
  readonly fileName: string | null;
}

const percentEscapes = new Map([
  ["%22", '"'],
  ["%0D", "\r"],
  ["%0A", "\n"],
]);

/** Encoded C0 controls and DEL: in `filename*` nobody has a reason for them. */
const ENCODED_CONTROL = /%(?:[01][0-9A-Fa-f]|7[Ff])/;

function unescapePercent(text: string): string {
  if (!text.includes("%")) return text;
  return text.replaceAll(/%(?:22|0D|0A)/g, (escape) => percentEscapes.get(escape) ?? escape);
}

function readExtendedName(value: string): string {
  const name = ENCODED_CONTROL.test(value) ? null : readExtendedValue(value);
  if (name === null) throw malformed("A filename* parameter cannot be read.");
  return name;
}

/** Throws Problem("body_malformed") for anything but `form-data` with a name. `value` holds no control characters but tabs. */
export function parseContentDisposition(value: string): PartNames {
  const semicolon = value.indexOf(";");
  const type = semicolon === -1 ? value : value.slice(0, semicolon);
  if (trimBlanks(type).toLowerCase() !== "form-data") throw malformed("A part's Content-Disposition is not form-data.");
  const parameters = parseParameters(value, type.length, true) ?? parseParameters(value, type.length, false);
  if (parameters === null) throw malformed("The parameters of a part's Content-Disposition cannot be read.");
  const name = parameters.get("name");
  if (name === undefined) throw malformed("A part has no name.");
  const extended = parameters.get("filename*");
  if (extended !== undefined) return { name: unescapePercent(name), fileName: readExtendedName(extended) };
  const plain = parameters.get("filename");
  return { name: unescapePercent(name), fileName: plain === undefined ? null : unescapePercent(plain) };
}
