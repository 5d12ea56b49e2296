/** A thumbnail in place of its file, at the file's address. */
import type { Plan } from "../../contract/plan.ts";
import { fileRulesOf } from "../../contract/plan/file-rules.ts";
import { Problem } from "../../contract/problem.ts";
import type { AskedThumbnail } from "../call/pictures.ts";
import type { FileRecord } from "../files/record.ts";
import type { LinkVerdict } from "../links/signed-link.ts";
import { areTogether } from "../links/terms.ts";
import { readThumbnails } from "./kept-thumbnails.ts";
import { thumbnailKey } from "./thumbnail-key.ts";

/** How long a browser may show again what a link has opened: a gallery's pages, and little after a revocation. */
const MAX_SIGNED_SECONDS = 300;

/** Where a name was last, by isolate: a plan that has changed, or says otherwise than another's, is right the second time. */
const places = new Map<string, number>();

/** As `Thumbnails.asked`. */
export function askedThumbnail(
  request: Request,
  verdict: LinkVerdict | null,
  plans: readonly Plan[],
): AskedThumbnail | null {
  const name = verdict === null ? nameIn(request.url) : verdict.thumbnail;
  if (name === null) return null;
  if (!areTogether(verdict ?? {})) throw new Problem("link_invalid", { reason: "a thumbnail is not counted" });
  return {
    keyIn: (key) => thumbnailKey(key, places.get(name) ?? placeIn(plans, name)),
    of: (file) => readAs(file, name),
    cacheControl(file, now) {
      if (verdict === null) return null;
      const end = Math.min(
        verdict.expiresAt.getTime(),
        file.expiresAt === null ? Infinity : Date.parse(file.expiresAt),
      );
      const leftSeconds = Math.floor((end - now.getTime()) / 1000);
      return `private, max-age=${Math.min(MAX_SIGNED_SECONDS, leftSeconds)}, no-transform`;
    },
  };
}

/** Two names are no name that a file has. */
function nameIn(url: string): string | null {
  if (!url.includes("?")) return null;
  const names = new URL(url).searchParams.getAll("thumbnail");
  return names.length > 1 ? "" : (names[0] ?? null);
}

/** Files have them in the order of their rules. */
function placeIn(plans: readonly Plan[], name: string): number {
  for (const { thumbnails = [] } of plans.flatMap(fileRulesOf)) {
    const index = thumbnails.findIndex((rule) => rule.name === name);
    if (index !== -1) return index + 1;
  }
  return 1;
}

function readAs(file: FileRecord, name: string): FileRecord {
  const kept = readThumbnails(file.thumbnails);
  const index = kept.findIndex((one) => one.name === name);
  const thumbnail = kept[index];
  if (thumbnail === undefined) {
    throw new Problem("file_not_found", { detail: "The file has no thumbnail of this name." });
  }
  const { size } = thumbnail;
  if (size === null) return file;
  const place = index + 1;
  places.set(name, place);
  const { storageKey, checksumSha256, originalFileName } = file;
  const dot = originalFileName.lastIndexOf(".");
  return {
    ...file,
    storageKey: thumbnailKey(storageKey, place),
    fileType: "image/jpeg",
    fileSize: size,
    // Told as the ETag.
    checksumSha256: checksumSha256 === null ? null : `${checksumSha256}~${place}-${size}`,
    originalFileName: `${dot > 0 ? originalFileName.slice(0, dot) : originalFileName}-${name}.jpg`,
  };
}
