/** Streams one file into the store, and tells what its bytes reveal. */
import type { FileRules } from "../../contract/plan/files.ts";
import { Problem } from "../../contract/problem.ts";
import type { Seat } from "../admission/turns.ts";
import type { ByteSource } from "../bytes.ts";
import type { Call } from "../call/call.ts";
import type { Pixels } from "../call/pictures.ts";
import type { Statement } from "../database/database.ts";
import type { StoredFile } from "../files/record.ts";
import type { NewFile } from "../files/row.ts";
import type { ImageResult } from "../image/image-tap.ts";
import type { IssuedLink } from "../links/issue.ts";
import type { InFlight } from "../storage/in-flight.ts";
import { inspect } from "./inspection.ts";

export interface StoreOptions {
  readonly rules: FileRules;
  readonly call: Call;
  readonly file: NewFile;
  readonly knownSha256: string | undefined;
  /** As many as it can have at most. */
  readonly maxBytes: number;
  readonly seat: Seat;
  readonly inFlight: InFlight;
  /** Resolves once the file's row is durable. */
  readonly ready: Promise<void>;
  /** Told of everything that is still under way when `storeFile` ends. */
  readonly watch: (work: Promise<unknown>) => void;
}

/** A stored file, and what the call's last batch must say of it. */
export interface StoredEntry {
  readonly file: StoredFile;
  readonly statements: readonly Statement[];
}

/** A file whose bytes have been read. */
export interface ReceivedFile {
  /** Once its object is durable. */
  readonly entry: Promise<StoredEntry>;
}

/** Resolves when the file has been read. @throws Problem when it is refused or cannot be stored */
export async function storeFile(options: StoreOptions, body: ByteSource): Promise<ReceivedFile> {
  const { rules, call, file, maxBytes, seat, inFlight, ready, watch } = options;
  const { fileType, originalFileName: name } = file;
  const now = call.now.toISOString();
  const issuing = rules.issuesLinks ? issueLink(options) : null;

  const watched: ByteSource = {
    read() {
      inFlight.check();
      return body.read();
    },
  };
  const thumbnails = call.deployment.features.thumbnails.open(rules, options);
  const inspection = inspect(
    rules,
    fileType,
    name,
    watched,
    call.deployment,
    seat,
    thumbnails?.wish ?? null,
    options.knownSha256,
  );
  const { size, stored } = await call.deployment.store.put(file.storageKey, inspection.body, {
    contentType: fileType,
    maxBytes,
    inFlight,
    ready,
    // A call that dies now leaves the upload's parts in the bucket: the row tells the sweep which.
    onUploadOpened: (uploadId) => call.files.noteUpload(file.id, uploadId, now),
  });
  watch(stored);
  const { checksumSha256, picture, fileType: type } = await inspection.finish();
  if (size === 0) {
    // Removing metadata left nothing: what began like a picture was not one.
    throw new Problem("file_type_mismatch", { detail: `"${name}" is no whole picture.`, members: { file: name } });
  }
  const { pictures } = call.deployment.features;
  const reading = stored.then(() => picture && pictures.readPixels(options, picture, thumbnails));
  // On their way beside the file's last bytes, where its tap has made them.
  const keeping = thumbnails?.keep(picture, reading);
  if (keeping) watch(keeping);
  const complete = async (): Promise<StoredEntry> => {
    const pixels = await reading;
    const small = (await keeping) ?? noThumbnails;
    const told: NewFile = { ...file, fileType: type };
    // A link may name the type.
    const link = await (issuing === null || type === fileType ? issuing : issueLink({ ...options, file: told }));
    const seen = { size, checksumSha256, picture, pixels, downloadUrl: link?.url ?? null };
    const entry = { ...toStored(told, seen), ...small };
    const storing = call.files.storing(file.id, entry, now);
    // The link's row becomes durable with the file's.
    return { file: entry, statements: link === null ? storing : [...storing, link.recording] };
  };
  const entry = complete();
  watch(entry);
  return { entry };
}

interface Revealed {
  readonly size: number;
  readonly checksumSha256: string;
  readonly picture: ImageResult | null;
  readonly pixels: Pixels | null;
  readonly downloadUrl: string | null;
}

const noThumbnails = { thumbnails: null, thumbnailLinks: [] };

function toStored(
  file: NewFile,
  { size, checksumSha256, picture, pixels, downloadUrl }: Revealed,
): Omit<StoredFile, keyof typeof noThumbnails> {
  return {
    ...file,
    fileSize: size,
    checksumSha256,
    dominantColor: pixels?.dominantColor ?? null,
    thumbhash: pixels?.thumbhash ?? null,
    width: picture?.width ?? null,
    height: picture?.height ?? null,
    status: "stored",
    linkEpoch: 0,
    deletedAt: null,
    purgeAt: null,
    updatedAt: file.createdAt,
    palette: pixels?.palette ?? null,
    hasAlpha: picture?.hasAlpha ?? null,
    animated: picture?.animated ?? null,
    downloadUrl,
  };
}

/** Begun before the file's bytes, so that its database query takes no time of its own. */
function issueLink({ call, file }: StoreOptions): Promise<IssuedLink> {
  const issuing = call.links.issue({ ...file, linkEpoch: 0 });
  // If the file fails first, nobody awaits the link.
  issuing.catch(() => undefined);
  return issuing;
}
