/**
 * Resolves what an author writes for a value to a Reference, by the claims, results and names that an actionable sees.
 */
import type { Path, Reference } from "../../contract/plan/reference.ts";
import type { Accessor } from "../text/accessor.ts";
import { parseAccessors, pathFault, splitPath } from "../text/accessor.ts";
import { didYouMean, nearest } from "../text/suggest.ts";
import { pathReference, queryReference, type AddressNames } from "./address-names.ts";
import { extensionFields } from "../../contract/upload-fields.ts";

/** An earlier step, as a later one sees it. */
export interface ResultSource {
  /** Index in the plan's steps. */
  readonly step: number;
  readonly fields: readonly string[];
  readonly isUpload: boolean;
  /** Several files by nature: its fields only mean something once per file. */
  readonly isSeveral: boolean;
  /** Of an upload that names its fields: the files of each. */
  readonly files?: ReadonlyMap<string, ResultSource>;
  /** Its files have text fields of their own. */
  readonly takesTexts?: boolean;
  /** A fault hides its fields: any name may be one of them. */
  readonly isUnknown?: true;
}

/** A field of its rows, or the files of one of its fields; as far as one can know. */
export function provides({ fields, files, isUnknown }: ResultSource, name: string): boolean {
  return isUnknown === true || fields.includes(name) || files?.has(name) === true;
}

export interface Names {
  readonly address: AddressNames;
  /** Claims the endpoint extracts; null = the endpoint is unprotected. */
  readonly claims: readonly string[] | null;
  readonly extracted: ReadonlyMap<string, Reference>;
  /** Earlier results with fields, the nearest first. */
  readonly results: readonly ResultSource[];
  /** What a `multi` statement runs for: a step's result, the payload, or null without `multi`. */
  readonly each: ResultSource | "payload" | null;
  /** Fields that the ABI reads with $PAYLOAD somewhere. */
  readonly payloadFields: ReadonlySet<string>;
  /** Fields that the ABI's `payload_validation` speaks of: as bare names they mean the payload's. */
  readonly declaredFields: ReadonlySet<string>;
}

/** Takes what is wrong with one value. */
export interface Tell {
  fault(message: string): void;
  warn(message: string): void;
}

/** A field of a step's result: of the element where the statement runs once per element of that result. */
export function resultReference(source: ResultSource, path: Path, names: Names): Reference {
  if (source === names.each && typeof path[0] !== "number" && path.length > 0) return { from: "element", path };
  return { from: "result", step: source.step, path };
}

/** Tells if one file's field is read where several files may come and the statement runs once. */
function checkSeveral(name: string, source: ResultSource, names: Names, tell: Tell): void {
  if (!source.isSeveral || source === names.each) return;
  const [field] = source.files?.keys() ?? [];
  const remedy = field === undefined ? "max_file_uploads to 1" : `write ${field}.${name}`;
  tell.fault(
    `"${name}" is a field of each file, and several may come: set "multi": true${source.isUpload ? `, or ${remedy}` : ""}`,
  );
}

/** What an upload knows of a file. */
const knows = (source: ResultSource, field: string): boolean =>
  source.fields.includes(field) || extensionFields.some((own) => own === field);

/** `document.storage_key`, `document`: of the files of one field. Null after a fault. */
export function fileReference(source: ResultSource, path: Path, names: Names, tell: Tell): Reference | null {
  const [name, ...rest] = path;
  const [field] = typeof rest[0] === "number" ? rest.slice(1) : rest;
  if (field !== undefined && !knows(source, String(field))) {
    const known = [...new Set([...source.fields, ...extensionFields])];
    const near = didYouMean(String(field), known);
    tell.fault(`"${path.join(".")}": nothing is known as "${field}" of a file; expected ${known.join(", ")}${near}`);
    return null;
  }
  if (source.isSeveral && source !== names.each && typeof rest[0] === "string") {
    tell.fault(
      `"${path.join(".")}" is a field of each file of "${name}", and several may come: set "multi": true, or max_files to 1`,
    );
    return null;
  }
  return resultReference(source, rest, names);
}

/** A payload field for what the statement runs once for: its own member, the text of its file, or the whole payload's. */
function payloadReference(path: Path, { each, address }: Names, tell: Tell): Reference {
  if (!address.hasPayload) {
    const name = path.join(".");
    tell.fault(`$PAYLOAD${name && `.${name}`}: a GET has no payload; write $QUERY.${name || "name"}`);
  }
  if (each === "payload") return { from: "element", path };
  return each?.takesTexts === true ? { from: "element", path: ["texts", ...path] } : { from: "payload", path };
}

function claimReference(path: Path, names: Names, tell: Tell): Reference | null {
  const claim = String(path[0]);
  if (names.claims === null) {
    tell.fault(`$PROTECTED.${claim}: the endpoint is not protected; expected "tokenize" and "protected"`);
    return null;
  }
  if (!names.claims.includes(claim)) {
    const known = names.claims.join(", ");
    tell.fault(`$PROTECTED.${claim} is not in extract_claims (${known})${didYouMean(claim, names.claims)}`);
    return null;
  }
  return { from: "claim", path };
}

function accessorReference(accessor: Accessor, names: Names, tell: Tell): Reference | null {
  switch (accessor.kind) {
    case "text":
      return { from: "literal", value: accessor.text };
    case "PROTECTED":
      return claimReference(accessor.path, names, tell);
    case "PAYLOAD":
      return payloadReference(accessor.path, names, tell);
    case "PARAM":
      return pathReference(accessor.name, names.address, tell);
    case "QUERY":
      return queryReference(accessor.name, names.address, tell);
    case "ENV":
      return { from: "env", name: accessor.name };
    case "HEADER":
      return { from: "header", name: accessor.name };
    case "GENERATOR":
      return { from: "generator", kind: accessor.generator };
    case "DATETIME":
      return { from: "now" };
    default:
      return accessor satisfies never;
  }
}

/** The statement runs once per file of one of the upload's fields. */
function isFileOf({ files }: ResultSource, { each }: Names): boolean {
  return each !== null && each !== "payload" && [...(files?.values() ?? [])].includes(each);
}

/** Goes further into an extracted value; null where the reference has no inside. */
function inside(reference: Reference, rest: Path): Reference | null {
  if (rest.length === 0) return reference;
  return "path" in reference ? { ...reference, path: [...reference.path, ...rest] } : null;
}

/** What the text means as a name, looked up in the language's order; null = nothing provides it. */
function provided(path: Path, names: Names, tell: Tell): Reference | null {
  const name = String(path[0]);
  const extracted = names.extracted.get(name);
  if (extracted !== undefined) return inside(extracted, path.slice(1));
  const source = names.results.find((result) => provides(result, name));
  const file = source?.files?.get(name);
  if (file !== undefined) return fileReference(file, path, names, tell) ?? { from: "literal", value: null };
  if (source !== undefined) {
    if (isFileOf(source, names)) return { from: "element", path };
    checkSeveral(name, source, names, tell);
    return resultReference(source, path, names);
  }
  if (names.claims?.includes(name) === true) {
    if (names.payloadFields.has(name) || names.declaredFields.has(name)) {
      tell.warn(
        `"${name}" is bound to the claim, which hides the payload field: write $PROTECTED.${name} or $PAYLOAD.${name}`,
      );
    }
    return { from: "claim", path };
  }
  const upload = names.results.find(({ isUpload }) => isUpload);
  if (upload === undefined) return null;
  if (!extensionFields.some((field) => field === name)) return null;
  if (isFileOf(upload, names)) return { from: "element", path };
  checkSeveral(name, upload, names, tell);
  return resultReference(upload, path, names);
}

/** A field of the form that takes files, where the path is into one that is misspelt; null where it is not. */
function nearFileField([name, property]: Path, { results }: Names): string | null {
  const files = new Map(results.flatMap((result) => [...(result.files ?? [])]));
  const field = nearest(String(name), files.keys());
  const file = field === null ? undefined : files.get(field);
  return file !== undefined && property !== undefined && knows(file, String(property)) ? field : null;
}

function bareReference(text: string, names: Names, tell: Tell): Reference | null {
  if (/^\$\d+$/.test(text)) {
    tell.fault(`${text} is the place of a value in the statement; write the value itself, such as $PAYLOAD.name`);
    return null;
  }
  const isName = /^[A-Za-z_]\w*(?:\.\w+)*$/.test(text);
  const path = isName ? splitPath(text) : [];
  const forbidden = pathFault(path);
  if (forbidden !== null) tell.fault(forbidden);
  const reference = isName && forbidden === null ? provided(path, names, tell) : null;
  if (reference !== null) return reference;
  if (isName && forbidden === null && names.declaredFields.has(String(path[0]))) {
    return payloadReference(path, names, tell);
  }
  if (path.length !== 1) {
    const field = nearFileField(path, names);
    if (field !== null) {
      tell.fault(`nothing provides "${text}". Did you mean "${[field, ...path.slice(1)].join(".")}"?`);
      return null;
    }
    tell.warn(`${JSON.stringify(text)} is bound as literal text`);
    return { from: "literal", value: text };
  }
  const near = didYouMean(text, [
    ...names.extracted.keys(),
    ...names.results.flatMap(({ fields }) => fields),
    ...(names.claims ?? []),
  ]);
  if (!names.address.hasPayload) {
    const accessor = names.address.path.includes(text) ? "PARAM" : "QUERY";
    tell.warn(`nothing provides "${text}": it is bound as literal text; write $${accessor}.${text}${near}`);
    return { from: "literal", value: text };
  }
  tell.warn(
    `nothing provides "${text}": it is bound from the payload field of that name if sent, else as literal text; ` +
      `write $PAYLOAD.${text}${near}`,
  );
  return { from: names.each === "payload" ? "element-or-text" : "payload-or-text", name: text };
}

/**
 * The reference that a text of an ABI means. `bare` says whether a text without accessors is a name to look up (a
 * parameter) or stands for itself (a folder). Null after a fault.
 */
export function resolveText(text: string, bare: boolean, names: Names, tell: Tell): Reference | null {
  const { parts, faults } = parseAccessors(text);
  for (const fault of faults) tell.fault(fault);
  if (faults.length > 0) return null;
  const [first] = parts;
  if (parts.length === 1 && first?.kind === "text" && bare) return bareReference(text, names, tell);
  const references = parts.map((part) => accessorReference(part, names, tell));
  if (references.some((reference) => reference === null)) return null;
  const resolved = references.filter((reference) => reference !== null);
  return resolved.length === 1 ? (resolved[0] ?? null) : { from: "template", parts: resolved };
}

/** Every reference at or inside one. */
export function* allReferences(reference: Reference): Generator<Reference> {
  yield reference;
  if (reference.from === "template") for (const part of reference.parts) yield* allReferences(part);
}
