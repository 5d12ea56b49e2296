/** Compiles `thumbnails`: what small pictures are made of each picture. */
import { mediaTypes } from "../../../contract/media-types.ts";
import type { FileRules, ThumbnailRule } from "../../../contract/plan/files.ts";
import { defaultBackground, defaultQuality } from "../../../contract/limits.ts";
import type { WrittenFileRules } from "../../language/upload-schema.ts";
import type { Report } from "../../text/diagnostic.ts";
import { pointerStep } from "../../text/diagnostic.ts";

type Written = NonNullable<WrittenFileRules["thumbnails"]>;

/** Whose pixels the runtime decodes itself; a test asks it. */
export const decodedTypes: readonly string[] = ["image/jpeg", "image/png", "image/gif"];

/** Nothing where none are made. @param types as `FileRules` has them */
export function compileThumbnails(
  written: Written | undefined,
  types: readonly string[],
  place: string,
  report: Report,
): Pick<FileRules, "thumbnails"> {
  if (written === undefined) return {};
  const names = written.map(({ name }) => name);
  for (const [index, name] of names.entries()) {
    if (names.indexOf(name) === index) continue;
    report.fault(`${place}${pointerStep(index)}/name`, `"${name}" is the name of another; expected one of its own`);
  }
  checkPictures(types, place, report);
  return { thumbnails: written.map(readRule) };
}

function readRule({ name, max_edge: maxEdge, quality = defaultQuality, background }: Written[number]): ThumbnailRule {
  return { name, maxEdge, quality, background: background === undefined ? defaultBackground : readColor(background) };
}

function readColor(text: string): ThumbnailRule["background"] {
  const at = (index: number) => Number.parseInt(text.slice(index, index + 2), 16);
  return [at(1), at(3), at(5)];
}

/** By whatever name of it. */
const isOf = (type: string, name: string): boolean =>
  type === name || mediaTypes.get(type)?.aliases?.includes(name) === true;
const wildcards = ["*/*", "image/*"];
const renderedTypes = [...mediaTypes].flatMap(([type, { rendered }]) => (rendered === true ? [type] : []));

function checkPictures(types: readonly string[], place: string, report: Report): void {
  const decoded = types.filter((name) => wildcards.includes(name) || decodedTypes.some((type) => isOf(type, name)));
  // Where none is listed, the fault is told already.
  if (types.length === 0 || decoded.length > 0) return;
  const rendered = types.filter((name) => renderedTypes.some((type) => isOf(type, name)));
  const sources = `only of ${decodedTypes.join(", ")}, and with the binding IMAGES of ${renderedTypes.join(", ")}`;
  const none = `thumbnails are made ${sources}: none of these is taken`;
  report.warn(
    place,
    rendered.length === 0 ? none : `of ${rendered.join(", ")} none are made without the binding IMAGES`,
  );
}
