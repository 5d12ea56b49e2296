/** Where the values of a call come from. */
import type { Json } from "../json.ts";

/** Member names and array indexes that lead from a value to one inside it; empty = the value itself. */
export type Path = readonly (string | number)[];

export type GeneratorKind = "KSUID" | "NANOID" | "UUID" | "ULID" | "CUID2" | "SHORTUUID";

/**
 * Where a value comes from. Every accessor and bare name of an ABI is resolved to one of these at build time, so
 * the Worker never looks a name up in more than one place.
 */
export type Reference =
  | { readonly from: "literal"; readonly value: Json }
  /** A verified claim that the plan's authentication extracts. */
  | { readonly from: "claim"; readonly path: Path }
  /** The request's payload: JSON body or multipart text fields; a missing member is null. */
  | { readonly from: "payload"; readonly path: Path }
  /** A bare name that nothing provides at build time: the payload field if it was sent, else the name as text. */
  | { readonly from: "payload-or-text"; readonly name: string }
  /** Secret or variable of the deployment. */
  | { readonly from: "env"; readonly name: string }
  /** Request header, lower-case name; `ip` is the client address. */
  | { readonly from: "header"; readonly name: string }
  /**
   * The result of an earlier step. `step` indexes `Plan.steps`, or is the number of a `FileGroup` or one of
   * `addressResults`. `path` starts inside the first row, unless it starts with a number: then that is the row. An empty
   * path is the whole result in its answer shape.
   */
  | { readonly from: "result"; readonly step: number; readonly path: Path }
  /** The element that a `multi` statement is running for. */
  | { readonly from: "element"; readonly path: Path }
  /** As `payload-or-text`, for a statement that runs once per element of a payload array. */
  | { readonly from: "element-or-text"; readonly name: string }
  /** A fresh identifier each time it is resolved. */
  | { readonly from: "generator"; readonly kind: GeneratorKind }
  /** The time of the request, one for all of it: RFC 3339 UTC with milliseconds. */
  | { readonly from: "now" }
  /** Text with accessors in it: the parts' values joined. */
  | { readonly from: "template"; readonly parts: readonly Reference[] };

/** Text that an ABI gives, or the setting that holds it. */
export type ConfiguredText = Extract<Reference, { readonly from: "literal" | "env" }>;

/** The claims that name the caller: the first of them that a token has. */
export const callerClaims = ["id", "sub"] as const;

/** What is known of a call from its headers alone. */
export type EarlyReference = Extract<Reference, { readonly from: "claim" | "header" }>;
