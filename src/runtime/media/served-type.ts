/** Which media types may be sent to a browser, and which it may show rather than save. */
import { mediaTypes, OPAQUE } from "../../contract/media-types.ts";

/** True for a type that a browser may show inside a page's window. */
export function isInlineType(type: string): boolean {
  return mediaTypes.get(type)?.shownInline === true;
}

/**
 * True for a type that a link may ask for in place of the stored one: it is inert whatever the bytes are. Not
 * `text/html`, and not `text/javascript` or `text/css` either, which a foreign page could load without looking at the
 * disposition.
 */
export function isHarmlessType(type: string): boolean {
  return type === OPAQUE || isInlineType(type);
}

/**
 * What a page can load as its own code by its type alone, without looking at the disposition, and what a browser offers to
 * install.
 */
const loadable = /(?:java|ecma|j|live)script|\/css$|\/wasm$|xpinstall$/;

/** The Content-Type of a stored file: its own, unless a page could run it. Text was checked to be UTF-8 when it came in. */
export function contentTypeOf(type: string): string {
  if (loadable.test(type)) return OPAQUE;
  return type.startsWith("text/") ? `${type}; charset=utf-8` : type;
}
