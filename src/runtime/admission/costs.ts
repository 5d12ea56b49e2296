/** What a caller's bytes take of an isolate's memory while they are kept. */

/** JSON is kept as text and as values, and small values take most: `[[],[]]` takes ten times its text. */
export const JSON_FACTOR = 10;
/** A field is kept as text of two bytes a character, and again where it is written down. */
export const FIELD_FACTOR = 4;
/** What a field without a byte takes: its entry and its name. */
export const FIELD_BYTES = 256;
