/** After the crashes: one sweep, then what bucket and tables must look like. Returns each promise that is broken. */
import { fileKeyOf } from "../../../src/runtime/storage/object-key.ts";
import { readThumbnails } from "../../../src/runtime/thumbnails/kept-thumbnails.ts";
import { EXPIRY_PATH } from "./fault.ts";
import { readOpenUploads, readUploadObjects, type UploadObject } from "./open-uploads.ts";
import type { World } from "./operations.ts";
import { LARGE_BYTES, sha256 } from "./picture.ts";
import type { CrashRuntime } from "./runtime.ts";

/** @param storage the folder of the runtime's bucket */
export async function checkWorld(runtime: CrashRuntime, world: World, storage: string): Promise<string[]> {
  const early = [...(await driftOf(runtime, "before the sweep")), ...(await wrongUses(runtime, "before the sweep"))];
  await age(runtime);
  console.log(`  uploads in parts that are open: ${String(readOpenUploads(storage).length)} before the sweep`);
  const uploads = readUploadObjects(storage);
  // The sweep and the object's own alarm may come in any order.
  const half = uploads.length >> 1;
  const notExpired = [await expire(runtime, uploads.slice(0, half))];
  const swept = await fetch(`${runtime.origin()}/sweep-now`);
  if (!swept.ok) return [`the sweep answered ${await swept.text()}`];
  notExpired.push(await expire(runtime, uploads.slice(half)));
  const rows = await runtime.query("SELECT storage_key, status, endpoint FROM files ORDER BY storage_key");
  const thumbnails = await findThumbnails(runtime);
  const statusOf = new Map(rows.map((row) => [String(row["storage_key"]), String(row["status"])]));
  const objects = new Set(await runtime.objectKeys());
  const gallery = await runtime.query("SELECT storage_key, count(*) AS n FROM gallery GROUP BY storage_key");
  console.log(
    `  after one sweep: ${String(objects.size)} objects, ${String(rows.length)} rows, ${String(gallery.length)} gallery rows`,
  );
  return [
    ...early,
    ...notExpired.flat(),
    ...readUploadObjects(storage)
      .filter(({ isEmpty }) => !isEmpty)
      .map(({ id }) => `the object of an upload keeps its storage: ${id}`),
    ...(await driftOf(runtime, "after it")),
    ...(await wrongUses(runtime, "after it")),
    ...(await unreadable(runtime, world)),
    ...[...statusOf]
      .filter(([, status]) => status === "pending" || status === "gone")
      .map(([key]) => `left over: ${key}`),
    ...[...statusOf.keys()].filter((key) => !objects.has(key)).map((key) => `row without object: ${key}`),
    ...[...objects].filter((key) => !statusOf.has(fileKeyOf(key))).map((key) => `object without row: ${key}`),
    ...thumbnails.filter((key) => !objects.has(key)).map((key) => `thumbnail without object: ${key}`),
    ...(thumbnails.length === 0 ? ["no file has a thumbnail"] : []),
    ...wrongStates(world, statusOf),
    ...severalInOnePlace(world, rows),
    ...wrongRows("drawer-01", rows, await runtime.query("SELECT storage_key FROM drawers")),
    ...wrongRows("film-01", rows, await runtime.query("SELECT storage_key FROM films")),
    ...wrongGallery(world, statusOf, rows, gallery),
    ...readOpenUploads(storage).map(({ key }) => `upload in parts still open: ${key}`),
  ];
}

/** The keys of those that rows name. */
async function findThumbnails(runtime: CrashRuntime): Promise<readonly string[]> {
  const rows = await runtime.query("SELECT storage_key, thumbnails FROM sluice_files WHERE thumbnails IS NOT NULL");
  const keys = rows.flatMap(({ storage_key: key, thumbnails }) => {
    return readThumbnails(thumbnails as string).flatMap(({ size }, index) =>
      size === null ? [] : [`${String(key)}~${String(index + 1)}`],
    );
  });
  console.log(`  thumbnails that rows name: ${String(keys.length)}`);
  return keys;
}

/** Every count of a quota is what a recount of the rows says. That of a window has whatever was stored in it. */
async function driftOf(runtime: CrashRuntime, when: string): Promise<string[]> {
  const counts = await runtime.query("SELECT name, bytes, files, ends_at FROM sluice_quotas ORDER BY name");
  const rows = await runtime.query(
    `SELECT quota AS name, sum(file_size) AS bytes, count(*) AS files FROM sluice_files
     WHERE quota IS NOT NULL AND status <> 'gone' GROUP BY quota`,
  );
  const found = new Map(rows.map((row) => [row["name"], row]));
  const listed = counts.map(({ name, files }) => `${String(name)} ${String(files)}`).join(", ");
  console.log(`  quotas ${when}: ${listed}`);
  return counts.flatMap(({ name, bytes, files, ends_at: end }) => {
    const { bytes: ownBytes = 0, files: ownFiles = 0 } = found.get(name) ?? {};
    const isRight =
      end === null
        ? bytes === ownBytes && files === ownFiles
        : Number(files) >= Number(ownFiles) && (when === "before the sweep" || bytes === Number(files) * LARGE_BYTES);
    const told = `counts ${String(files)} files, ${String(bytes)} bytes`;
    return isRight
      ? []
      : [`${when} the quota ${String(name)} ${told}; the rows say ${String(ownFiles)}, ${String(ownBytes)}`];
  });
}

/** A link has as many uses as files hold: those that are there, and until the sweep those that came to nothing. */
async function wrongUses(runtime: CrashRuntime, when: string): Promise<string[]> {
  const links = await runtime.query(
    `SELECT id, uploads, (SELECT count(*) FROM sluice_files
       WHERE upload_link = sluice_upload_links.id AND status <> 'gone') AS files FROM sluice_upload_links`,
  );
  return links.flatMap(({ id, uploads, files }) => {
    console.log(`  uses of a link ${when}: ${String(uploads)}`);
    const told = `${when} the link ${String(id)} was used ${String(uploads)} times, by ${String(files)} files`;
    return uploads === files && Number(files) > 0 ? [] : [told];
  });
}

/** As if two hours had passed since the last call; deletions can still be restored. */
async function age(runtime: CrashRuntime): Promise<void> {
  await runtime.query(
    "UPDATE sluice_files SET updated_at = '2020-01-01T00:00:00.000Z', resumable_until = NULL WHERE status = 'pending'",
  );
}

/** The objects of uploads, as their alarms do it. */
async function expire(runtime: CrashRuntime, uploads: readonly UploadObject[]): Promise<string[]> {
  const broken: string[] = [];
  for (const { id } of uploads) {
    const { ok } = await fetch(`${runtime.origin()}${EXPIRY_PATH}${id}`, { method: "POST" });
    if (!ok) broken.push(`the upload ${id} does not expire`);
  }
  return broken;
}

async function unreadable(runtime: CrashRuntime, { files, headers }: World): Promise<string[]> {
  const broken: string[] = [];
  for (const { key, id, sha256: expected, expectation } of files) {
    if (expectation !== "stored") continue;
    const address = id === null ? `${runtime.origin()}/files/${key}` : await signedAddress(runtime, id, headers);
    const response = await fetch(address);
    const found = sha256(new Uint8Array(await response.arrayBuffer()));
    if (response.status !== 200 || found !== expected) broken.push(`lost: ${key} answered ${String(response.status)}`);
  }
  return broken;
}

async function signedAddress(runtime: CrashRuntime, id: string, headers: World["headers"]): Promise<string> {
  const response = await fetch(`${runtime.origin()}/v1/upload/url/${id}`, { headers });
  const { data } = (await response.json()) as { data: string | null };
  return data ?? `${runtime.origin()}/no-link-for-${id}`;
}

function wrongStates({ files }: World, statusOf: ReadonlyMap<string, string>): string[] {
  return files.flatMap(({ key, id, expectation }) => {
    const status = statusOf.get(key) ?? "gone";
    // What an ABI deletes goes at once, what the file API deletes can be restored.
    const deleted = id === null ? "gone" : "deleted";
    const isRight =
      expectation === "unsure"
        ? ["stored", deleted].includes(status)
        : status === (expectation === "stored" ? "stored" : deleted);
    return isRight ? [] : [`${key} is ${status}, expected ${expectation}`];
  });
}

/** Of files that take each other's place the last is there. */
function severalInOnePlace({ files }: World, rows: readonly Record<string, unknown>[]): string[] {
  return (["avatar", "shown", "cover", "papers"] as const).flatMap((from) => {
    const stored = rows.filter((row) => row["endpoint"] === `${from}-01` && row["status"] === "stored");
    const isRight = stored.length === 1 || !files.some((file) => file.from === from);
    return isRight ? [] : [`${String(stored.length)} files of ${from}-01`];
  });
}

/** A row and its file never part, and no file has two. */
function wrongRows(
  endpoint: string,
  files: readonly Record<string, unknown>[],
  rows: readonly Record<string, unknown>[],
): string[] {
  const stored = files.filter((file) => file["endpoint"] === endpoint && file["status"] === "stored");
  const [kept = [], named = []] = [stored, rows].map((list) =>
    list.map((row) => String(row["storage_key"])).toSorted(),
  );
  console.log(`  files and rows of ${endpoint}: ${String(kept.length)}, ${String(named.length)}`);
  return kept.join() === named.join() ? [] : [`the rows of ${endpoint} name ${named.join()}; stored is ${kept.join()}`];
}

/** The author's rows: one for each file that was ever stored by the endpoint, none for any other. */
function wrongGallery(
  { files }: World,
  statusOf: ReadonlyMap<string, string>,
  rows: readonly Record<string, unknown>[],
  gallery: readonly Record<string, unknown>[],
): string[] {
  const written = new Map(gallery.map((row) => [String(row["storage_key"]), Number(row["n"])]));
  const acknowledged = files.filter(({ from }) => from === "gallery").map(({ key }) => key);
  const stored = rows
    .filter((row) => row["endpoint"] === "upload-gallery-and-store-01")
    .map((row) => String(row["storage_key"]));
  const expected = new Set([...acknowledged, ...stored]);
  return [
    ...[...expected]
      .filter((key) => written.get(key) !== 1)
      .map((key) => `${key} has ${String(written.get(key) ?? 0)} gallery rows`),
    ...[...written.keys()]
      .filter((key) => !expected.has(key))
      .map((key) => `gallery row without file: ${key} ${statusOf.get(key) ?? "gone"}`),
  ];
}
