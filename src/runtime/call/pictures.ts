/** What reads pictures, and makes small ones of them: only Workers have it that are asked for that. */
import type { Plan } from "../../contract/plan.ts";
import type { FileRules, ThumbnailRule } from "../../contract/plan/files.ts";
import type { Seat } from "../admission/turns.ts";
import type { EngineEnvironment, RuntimeTables } from "../database/engine.ts";
import type { GridColors } from "../image/grid-colors.ts";
import type { createImageTap, ImageResult } from "../image/image-tap.ts";
import type { ThumbnailWish } from "../image/thumbnail/thumbnail.ts";
import type { FileRecord, StoredFile, ThumbnailLink } from "../files/record.ts";
import type { NewFile } from "../files/row.ts";
import type { InFlight } from "../storage/in-flight.ts";
import type { ObjectKey } from "../storage/object-key.ts";
import type { ObjectStore } from "../storage/object-store.ts";
import type { NamedLink } from "../links/kept-links.ts";
import type { LinkTarget } from "../links/link.ts";
import type { LinkableFile } from "../links/registry.ts";
import type { LinkKey, LinkVerdict } from "../links/signed-link.ts";
import type { Log } from "../log.ts";

export interface Pictures {
  /** Watches a file on its way into the store. */
  readonly watch: typeof createImageTap;
  /**
   * The pixels of a picture: what its tap saw, or, for formats whose pixels are not decoded here, what the deployment's
   * Images binding makes of the stored object. Without either there is nothing, and that is no fault.
   */
  readonly readPixels: (
    context: PictureContext,
    picture: ImageResult,
    thumbnails: FileThumbnails | null,
  ) => Promise<Pixels>;
}

/** What only the pixels of a picture tell. */
export type Pixels = Pick<ImageResult, keyof GridColors | "thumbnails">;

/** The upload of a picture. */
export interface PictureContext {
  readonly rules: Pick<FileRules, "imageFields">;
  readonly file: NewFile;
  readonly seat: Seat;
  readonly inFlight: InFlight;
  readonly call: {
    readonly deployment: Pick<EngineEnvironment, "binding"> & { readonly store: ObjectStore; readonly log: Log };
  };
}

/** Small pictures beside the files that they are made of. */
export interface Thumbnails {
  /** The same store, whose `delete` removes with an object those of its thumbnails. */
  readonly storeWith: (store: ObjectStore) => ObjectStore;
  /** Those of one file; null: none are asked for, or it is no picture. */
  readonly open: (rules: FileRules, context: ThumbnailContext) => FileThumbnails | null;
  /** Those that files wait for, some at a time; resolves with of how many files. See thumbnails/make-wanted. */
  readonly makeWanted: (deployment: StoredPictures) => Promise<number>;
  /** What FILE_API_THUMBNAILS asks for; absent where the Worker was built without. @throws Problem `misconfigured` */
  readonly readSetting?: (text: string) => readonly ThumbnailRule[];
  /**
   * What is read at a file's address in place of the file; null: the file.
   * @param verdict of its link; null: it has none @throws Problem `link_invalid` where this Worker has no thumbnails
   */
  readonly asked: (request: Request, verdict: LinkVerdict | null, plans: readonly Plan[]) => AskedThumbnail | null;
  /**
   * The address of the file's thumbnail of this name, which is not asked for here: the permanent one of a public file, else
   * one that opens for a while and stays the same for a part of it.
   */
  readonly addressOf: (file: ThumbnailTarget, name: string, links: ThumbnailLinks) => Promise<string>;
  /** The same of a file that was looked up; null where it has no such thumbnail, or is none. */
  readonly linkTo: (found: LinkableFile | undefined, name: string, links: ThumbnailLinks) => Promise<string | null>;
  /** What the file API says of them. @param addressOf as above */
  readonly describe: (
    file: FileRecord,
    addressOf: (file: FileRecord, name: string) => Promise<string>,
  ) => Promise<DescribedThumbnails>;
}

/** What of a deployment has to do with pictures that are stored. */
export interface StoredPictures extends RuntimeTables, Pick<EngineEnvironment, "text" | "binding"> {
  readonly plans: readonly Plan[];
  readonly store: ObjectStore;
  readonly settings: { readonly imageMaxPixels: number; readonly imageMaxWork: number };
  readonly log: Log;
}

/** What thumbnails take of the upload that they belong to. */
export interface ThumbnailContext {
  readonly file: NewFile;
  readonly inFlight: InFlight;
  /** Resolves once the file's row is durable. */
  readonly ready: Promise<void>;
  readonly call: {
    readonly links: { readonly thumbnails: ThumbnailLinks };
    readonly deployment: { readonly store: ObjectStore; readonly log: Log };
  };
}

/** The thumbnails of one file on its way into the store. */
export interface FileThumbnails {
  /** For the tap of its pixels. The memory for it is borrowed until `keep` has ended; null: there is too little. */
  readonly wish: ThumbnailWish | null;
  /** The longer side of a picture that they are made of where it is rendered elsewhere. */
  readonly sourceSide: number;
  /**
   * Puts all that were made beside the file. Where that fails a sweep makes them, which is no fault of the upload. Called once.
   * @param picture what its tap saw, thumbnails or none @param pixels what is seen once the object is durable
   */
  keep(
    picture: Pick<ImageResult, "thumbnails" | "fault"> | null,
    pixels: Promise<Pixels | null>,
  ): Promise<Pick<StoredFile, "thumbnails" | "thumbnailLinks">>;
}

/** Nothing: there are none. */
export interface DescribedThumbnails {
  readonly thumbnails?: readonly ThumbnailLink[];
  /** Of the first. */
  readonly thumbnailUrl?: string;
}

export type ThumbnailTarget = LinkTarget & Pick<FileRecord, "visibility">;

/** A thumbnail that a request asks for by its name. */
export interface AskedThumbnail {
  /** Where it is, if the file has it in the place that its name has in the plans. */
  keyIn(file: ObjectKey): ObjectKey;
  /** What is read, as if it were a file; the file itself where that stands for it. @throws Problem `file_not_found` */
  of(file: FileRecord): FileRecord;
  /** Of the answer; null: as the file's. */
  cacheControl(file: FileRecord, now: Date): string | null;
}

/** What the links of one call to thumbnails are made with. */
export interface ThumbnailLinks {
  readonly base: string;
  readonly now: Date;
  readonly linkKey: LinkKey;
  readonly expiresSeconds: number;
  /** The epoch above the owner's files. */
  readonly epochOf: (owner: string | null) => Promise<number>;
  /** Takes each that has a signature. */
  readonly issued: NamedLink[];
}
