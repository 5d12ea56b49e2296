/** How much of an isolate's memory a caller's bytes take while they are held. */

/** JSON is held as text and as values, and small values cost most: `[[],[]]` takes ten times its text. */
export const JSON_FACTOR = 10;
/** A field is held as text of two bytes a character, and again where it is written out. */
export const FIELD_FACTOR = 4;
/** What a field takes besides its bytes: its entry and its name. */
export const FIELD_BYTES = 256;
