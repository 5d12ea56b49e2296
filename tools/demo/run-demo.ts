/** The demo itself, against a running server: uploads, reads back, lists, deletes; every promise is checked. */
import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import { basename } from "node:path";
import type { Progress } from "../../src/cli/terminal/progress.ts";
import type { Style } from "../../src/cli/terminal/style.ts";
import type { GalleryClient } from "./gallery-client.ts";
import { drawPhotoTable, type PhotoRow } from "./photo-table.ts";

export interface DemoOptions {
  readonly client: GalleryClient;
  readonly paths: readonly string[];
  readonly progress: Progress;
  readonly style: Style;
  readonly print: (text: string) => void;
}

/** As `max_file_uploads` of upload-gallery-and-store. */
const FILES_PER_CALL = 2;
/** Lies on its side in the file; an EXIF orientation turns it upright. */
const rotatedPhoto = "picos-1200-exif-gps-rotated.jpg";

/** @throws Error at the first promise that is not kept */
export async function runDemo(options: DemoOptions): Promise<void> {
  const rows = await fillGallery(options);
  options.print(`\n${drawPhotoTable(rows, options.style)}\n`);
  await readBack(rows, options);
  await keepPrivate(options);
  await listAndDelete(rows, options);
}

async function fillGallery({ client, paths, progress }: DemoOptions): Promise<readonly PhotoRow[]> {
  const rows: PhotoRow[] = [];
  for (let index = 0; index < paths.length; index += FILES_PER_CALL) {
    const group = paths.slice(index, index + FILES_PER_CALL);
    const title = `Upload ${group.map((path) => basename(path)).join(", ")}`;
    const { photos, milliseconds } = await progress.step(title, (advance) =>
      client.upload("upload-gallery-and-store", group, advance),
    );
    for (const [offset, photo] of photos.entries()) {
      const path = group[offset] ?? "";
      insist(photo.file_size === (await readFile(path)).length, `${path} was stored with another size`);
      insist(photo.dominant_color !== null, `${path} has no dominant colour`);
      rows.push({ fileName: basename(path), photo, milliseconds });
    }
  }
  return rows;
}

async function readBack(rows: readonly PhotoRow[], { client, paths, progress }: DemoOptions): Promise<void> {
  await progress.step("Public photographs read back, SHA-256 as on disk", async (advance) => {
    for (const [index, { photo, fileName }] of rows.entries()) {
      const answer = await client.download(photo.url);
      insist(answer.status === 200, `${photo.url} answered ${answer.status}`);
      insist(answer.sha256 === (await sha256Of(paths[index] ?? "")), `${fileName} came back with other bytes`);
      advance((index + 1) / rows.length);
    }
  });
}

async function keepPrivate({ client, paths, progress, style, print }: DemoOptions): Promise<void> {
  const path = paths.find((path) => basename(path) === rotatedPhoto);
  if (path === undefined) throw new Error(`${rotatedPhoto} is missing`);
  const { photos, milliseconds } = await progress.step(`Upload ${rotatedPhoto} as a private avatar`, (advance) =>
    client.upload("upload-avatar", [path], advance),
  );
  const [avatar] = photos;
  if (avatar?.download_url === undefined) throw new Error("The avatar has no download_url");
  const { download_url: link, url, width = null, height = null } = avatar;
  insist(width !== null && height !== null, "The avatar has no size in pixels");
  insist(await isTurned(path, width, height), `The avatar is ${width} × ${height}: its EXIF orientation was ignored`);
  print(`\n${drawPhotoTable([{ fileName: rotatedPhoto, photo: avatar, milliseconds }], style)}\n`);

  await progress.step("Its bare address is 404, its signed link gives the same SHA-256", async () => {
    const bare = await client.download(url);
    insist(bare.status === 404, `The bare address of a private file answered ${bare.status}`);
    const signed = await client.download(link);
    insist(signed.status === 200, `The signed link answered ${signed.status}`);
    insist(signed.sha256 === (await sha256Of(path)), "The signed link gave other bytes");
    const changed = await client.download(link.replace(/.$/, (last) => (last === "0" ? "1" : "0")));
    insist(changed.status === 403, `A changed link answered ${changed.status}`);
  });
}

async function listAndDelete(rows: readonly PhotoRow[], { client, progress }: DemoOptions): Promise<void> {
  const listed = await progress.step(`my-gallery lists ${rows.length} photographs`, () => client.list());
  const missing = rows.filter(({ photo }) => !listed.some((row) => row.storage_key === photo.storage_key));
  insist(missing.length === 0 && listed.length === rows.length, `my-gallery lists ${listed.length}`);
  const doomed = rows.at(-1);
  if (doomed === undefined) return;
  await progress.step(`Delete ${doomed.fileName}; a second time it is not_found`, async () => {
    const { storage_key: key, url } = doomed.photo;
    const first = await client.remove([key]);
    insist(first[0] === "deleted", `Deleting answered ${first.join()}`);
    const second = await client.remove([key]);
    insist(second[0] === "not_found", `Deleting again answered ${second.join()}`);
    const answer = await client.download(url);
    insist(answer.status === 404, `The deleted file still answers ${answer.status}`);
  });
}

function insist(kept: boolean, complaint: string): asserts kept {
  if (!kept) throw new Error(complaint);
}

const sha256Of = async (path: string) =>
  createHash("sha256")
    .update(await readFile(path))
    .digest("hex");

/** True when the answer has the sides of the frame header (SOF) the other way round. */
async function isTurned(path: string, width: number, height: number): Promise<boolean> {
  const bytes = await readFile(path);
  for (let at = 2; at + 9 < bytes.length; at += 2 + bytes.readUInt16BE(at + 2)) {
    const marker = bytes[at + 1] ?? 0;
    if (marker < 0xc0 || marker > 0xc2) continue;
    return bytes.readUInt16BE(at + 5) === width && bytes.readUInt16BE(at + 7) === height;
  }
  return false;
}
