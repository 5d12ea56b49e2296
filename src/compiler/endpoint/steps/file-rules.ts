/** Compiles what files must be and where they go: of a whole upload, or of one of its fields. */
import { isByWord, mediaTypes } from "../../../contract/media-types.ts";
import type { FileRules } from "../../../contract/plan/files.ts";
import type { WrittenFileRules } from "../../language/upload-schema.ts";
import type { Report } from "../../text/diagnostic.ts";
import { pointerStep } from "../../text/diagnostic.ts";
import { parseFolder } from "../../values/folder.ts";
import type { Names } from "../../values/names.ts";
import { readReplaces } from "./replaces.ts";
import { compileThumbnails } from "./thumbnails.ts";

export const DEFAULT_MAX_FILES = 1;
const DEFAULT_MAX_FILE_BYTES = 20 * 1024 * 1024;

/** RFC 6838 §4.2: restricted names, and a star for any. */
const typeName = /^[a-z0-9][a-z0-9!#$&^_.+-]{0,126}$/;

function typeFault(type: string): string | null {
  const [main = "", sub = "", ...rest] = type.split("/");
  if (rest.length === 0 && (sub === "*" || typeName.test(sub)) && (typeName.test(main) || type === "*/*")) return null;
  const remedy = type === "*" ? '; write "*/*", which takes any file' : wanted(type);
  return `${JSON.stringify(type)} is not a media type${remedy}`;
}

/** Also for what people call a type, such as `.png` and `jpeg`. */
function wanted(written: string): string {
  const name = written.split(";")[0]?.trim().replace(/^\./, "") ?? "";
  const known = [...mediaTypes].find(([type, { extensions }]) => type === name || extensions.includes(name))?.[0];
  if (known !== undefined) return `; write "${known}"`;
  return '; expected "image/png", "image/*" or "*/*", without parameters';
}

function readTypes(types: readonly string[] | undefined, place: string, report: Report): string[] {
  if (types === undefined) {
    report.fault(
      place,
      '"allowed_mimetypes" is missing; expected such as ["image/png", "image/*"], or ["*/*"] for any file',
    );
    return [];
  }
  const lower = types.map((type) => type.trim().toLowerCase());
  for (const [index, type] of lower.entries()) {
    const fault = typeFault(type);
    if (fault !== null) report.fault(place + pointerStep(index), fault);
  }
  return [...new Set(lower)];
}

/** @param what has so many bytes */
export function checkRequestBytes(
  bytes: number,
  what: string,
  maxRequestBytes: number,
  place: string,
  report: Report,
  expected = "",
): void {
  if (bytes <= maxRequestBytes) return;
  const limit = `the deployment's request-body limit of ${String(maxRequestBytes)} bytes (MAX_REQUEST_BYTES)`;
  report.fault(place, `${what || `${String(bytes)} bytes`} are over ${limit}${expected}`);
}

/** Wildcards never let in a picture that cannot be cleaned or checked; a type by its name comes in as it is. */
function checkStripping(types: readonly string[], place: string, report: Report): void {
  for (const type of types.filter((name) => !name.includes("*") && mediaTypes.get(name)?.stripped !== true)) {
    report.warn(place, `metadata of ${type} cannot be removed: it is stored as it comes`);
  }
}

/** A type that no byte shows comes in only beside what its bytes do show. */
function checkProvable(types: readonly string[], place: string, report: Report): void {
  for (const type of types.filter(isByWord)) {
    const { kindOf = "" } = mediaTypes.get(type) ?? {};
    const [main = ""] = kindOf.split("/");
    if (types.some((name) => name === kindOf || name === `${main}/*` || name === "*/*")) continue;
    report.warn(place, `nothing takes ${type} here: its bytes only show ${kindOf}, which has to be listed as well`);
  }
}

function checkStrictness(types: readonly string[], place: string, report: Report): void {
  for (const type of types.filter((name) => /^image\/[^*]/.test(name) && mediaTypes.get(name)?.walked !== true)) {
    report.warn(place, `the structure of ${type} cannot be checked: it is stored as it comes`);
  }
}

/** The resource, with what is in place of its parameters. */
const defaultFolder = ({ address }: Names): string => address.resource.replaceAll(/:(\w+)/g, "$$PARAM.$1");

export type RulesDraft = Omit<FileRules, "imageFields" | "issuesLinks" | "linksThumbnails">;

export type WrittenRules = WrittenFileRules & { readonly max_files: number };
export type RuleName = keyof WrittenRules;

export interface RulesContext {
  readonly names: Names;
  readonly maxRequestBytes: number;
}

/** @param placeOf where a property stands, or would */
export function readFileRules(
  rules: WrittenRules,
  placeOf: (name: RuleName) => string,
  { names, maxRequestBytes }: RulesContext,
  report: Report,
): RulesDraft {
  const { max_files: maxFiles } = rules;
  const maxFileBytes = rules.max_upload_file_size ?? DEFAULT_MAX_FILE_BYTES;
  if (maxFileBytes > maxRequestBytes) {
    checkRequestBytes(maxFileBytes, "", maxRequestBytes, placeOf("max_upload_file_size"), report);
  } else {
    const most = `; expected at most ${String(Math.floor(maxRequestBytes / maxFileBytes))}`;
    const what = `${String(maxFiles)} files of ${String(maxFileBytes)} bytes`;
    checkRequestBytes(maxFiles * maxFileBytes, what, maxRequestBytes, placeOf("max_files"), report, most);
  }
  const types = readTypes(rules.allowed_mimetypes, placeOf("allowed_mimetypes"), report);
  checkProvable(types, placeOf("allowed_mimetypes"), report);
  if (rules.strip_metadata === true) checkStripping(types, placeOf("strip_metadata"), report);
  if (rules.strict_images === true) checkStrictness(types, placeOf("strict_images"), report);
  return {
    maxFiles,
    maxFileBytes,
    types,
    folder: parseFolder(rules.upload_folder ?? defaultFolder(names), names, {
      fault: (message) => report.fault(placeOf("upload_folder"), message),
      warn: (message) => report.warn(placeOf("upload_folder"), message),
    }),
    visibility: rules.visibility ?? "public",
    stripsMetadata: rules.strip_metadata ?? false,
    strictImages: rules.strict_images ?? false,
    ...readReplaces(rules.replaces, placeOf("replaces"), names, report),
    ...compileThumbnails(rules.thumbnails, types, placeOf("thumbnails"), report),
  };
}
