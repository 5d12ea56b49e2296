/**
 * Everything that watches or changes one file on its way into the store: limit, text and structure checks, removal of
 * metadata, colours, checksum.
 */
import { tapSource, type ByteSource, type Tap } from "../bytes.ts";
import type { ImageResult } from "../image/image-tap.ts";
import type { ThumbnailWish } from "../image/thumbnail/thumbnail.ts";
import { BINARY, createTextTap, isTextType } from "../media/text.ts";
import { isListed } from "../media/media-type.ts";
import { mediaTypes, OPAQUE } from "../../contract/media-types.ts";
import type { FileRules } from "../../contract/plan/files.ts";
import { Problem } from "../../contract/problem.ts";
import type { Seat } from "../admission/turns.ts";
import type { Deployment } from "../deployment.ts";
import { createChecksumTap, createLimitTap } from "./taps.ts";

export interface Findings {
  /** What the file is stored as: text that turns out to be no UTF-8 is not told as text. */
  readonly fileType: string;
  /** Of the bytes as they are stored. */
  readonly checksumSha256: string;
  /** Null for files that are no pictures, or when nothing of pictures is asked for. */
  readonly picture: ImageResult | null;
}

export interface Inspection {
  /** The file as it is to be stored. Read it to its end. */
  readonly body: ByteSource;
  /** @throws Problem `file_type_mismatch` when the bytes are not what their beginning promised */
  finish(): Promise<Findings>;
}

/**
 * @param name the file's display name, for messages
 * @param knownSha256 of a file that is stored as it is
 */
export function inspect(
  rules: FileRules,
  fileType: string,
  name: string,
  source: ByteSource,
  { features, settings }: Pick<Deployment, "features" | "settings">,
  seat: Seat,
  wish: ThumbnailWish | null,
  knownSha256: string | undefined,
): Inspection {
  const { imageMaxPixels: maxPixels, imageMaxWork: maxWork } = settings;
  const text = isTextType(fileType) ? createTextTap() : null;
  const structure = rules.strictImages ? features.structure(fileType, seat) : null;
  const asks = rules.imageFields.length > 0 || wish !== null;
  const fields = new Set(rules.imageFields);
  const image = asks ? features.pictures.watch(fileType, fields, { maxPixels, maxWork }, seat, wish) : null;
  const checksum = knownSha256 === undefined ? createChecksumTap() : null;

  const received = tapSource(source, present([createLimitTap(rules.maxFileBytes, name), text, structure]));
  const isStripped = rules.stripsMetadata && mediaTypes.get(fileType)?.stripped === true;
  const stored = isStripped ? features.stripping(fileType, received, seat, name) : received;
  // Of a file that is stored, and that nobody has to look at, nothing is read.
  const isKnown = [text, structure, image, checksum].every((tap) => tap === null);
  return {
    body: isKnown ? { read: async () => null } : tapSource(stored, present([image, checksum])),
    async finish() {
      const encoding = (await text?.finish()) ?? null;
      const isKept = encoding === null || (encoding !== BINARY && isListed(OPAQUE, rules.types));
      if (!isKept) throw mismatch(name, `"${name}" is not UTF-8 to its end, but ${encoding}.`);
      const fault = (await structure?.finish()) ?? null;
      if (fault !== null) throw mismatch(name, `"${name}" is not one whole picture: ${fault}.`);
      const type = encoding === null ? fileType : OPAQUE;
      const checksumSha256 = knownSha256 ?? (await checksum?.finish()) ?? "";
      return { fileType: type, checksumSha256, picture: (await image?.finish()) ?? null };
    },
  };
}

const present = (taps: readonly (Tap<unknown> | null)[]): readonly Tap<unknown>[] => taps.filter((tap) => tap !== null);

function mismatch(name: string, detail: string): Problem {
  return new Problem("file_type_mismatch", { detail, members: { file: name } });
}
