/** What `payload_validation` asks of a payload, as plain data. */
import type { Json } from "./json.ts";

interface Bounds {
  readonly min?: number;
  readonly max?: number;
}

/** Forms of text that an ABI can ask for. */
export const textFormats = ["uuid", "ksuid", "date", "date-time", "url"] as const;
export type TextFormat = (typeof textFormats)[number];

export interface TextRule extends Bounds {
  readonly kind: "text" | "email";
  /** White space at both ends is taken away before anything else. */
  readonly trim?: true;
  readonly format?: TextFormat;
  /** A regular expression for the whole text, with the flag `u`; one that takes linear time. */
  readonly pattern?: string;
  /** All that it may be. */
  readonly values?: readonly string[];
}

export interface NumberRule extends Bounds {
  readonly kind: "number";
  readonly integer?: true;
  readonly values?: readonly number[];
}

/**
 * What a value of the payload must be. `min` and `max` are a number's own, and count the code points of a text and the
 * items of a list; absent = no limit. The tree is as deep as its author wrote it, whatever a payload holds.
 */
export type Rule =
  | TextRule
  | NumberRule
  | { readonly kind: "object"; readonly fields: readonly FieldRule[] }
  | ({ readonly kind: "list"; readonly items?: Rule } & Bounds);

export interface FieldRule {
  /** An own member of the object, by its plain name. */
  readonly name: string;
  /** May be missing or null. */
  readonly optional: boolean;
  readonly rule: Rule;
  /** What it is when it is missing or null. */
  readonly default?: Json;
  /** The author's words for whatever is wrong at or in the field. */
  readonly message?: string;
}
