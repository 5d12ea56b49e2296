/** What bucket and tables hold, and where they disagree. Knows nothing of how it came to be. */
import type { EngineRuntime } from "./runtime.ts";

type Row = Readonly<Record<string, unknown>>;

export interface World {
  readonly files: readonly Row[];
  readonly gallery: readonly Row[];
  readonly albums: readonly Row[];
  readonly photos: readonly Row[];
  /** SHA-256 by key. */
  readonly objects: ReadonlyMap<string, string>;
}

export async function readWorld(runtime: EngineRuntime): Promise<World> {
  const [files, gallery, albums, photos, objects] = await Promise.all([
    runtime.query("SELECT owner, storage_key, status, checksum_sha256 FROM files ORDER BY storage_key"),
    runtime.query("SELECT id, user_id, storage_key FROM gallery"),
    runtime.query("SELECT id, user_id, name FROM albums"),
    runtime.query("SELECT id, user_id, album, storage_key FROM photos"),
    runtime.objects(),
  ]);
  return { files, gallery, albums, photos, objects: new Map(objects.map(({ key, sha256 }) => [key, sha256])) };
}

/** As if hours had passed since the last call, and the sweep had run once. */
export async function sweepLater(runtime: EngineRuntime): Promise<void> {
  await runtime.query("UPDATE sluice_files SET updated_at = '2020-01-01T00:00:00.000Z' WHERE status = 'pending'");
  await runtime.sweep();
}

/** What can never be right, whoever did what: each in one sentence. */
export function findDisagreements({ files, gallery, albums, photos, objects }: World): string[] {
  const albumIds = new Set(albums.map(({ id }) => id));
  const keys = new Set(files.map((row) => String(row["storage_key"])));
  const twice = (rows: readonly Row[], table: string) =>
    [...Map.groupBy(rows, (row) => String(row["storage_key"]))]
      .filter(([, same]) => same.length > 1)
      .map(([key, same]) => `${key} has ${String(same.length)} rows in ${table}`);
  return [
    ...files.flatMap(({ storage_key: key, status, checksum_sha256: checksum }) => {
      if (status !== "stored" && status !== "deleted") return [`${String(key)} is left ${String(status)}`];
      const found = objects.get(String(key));
      if (found === undefined) return [`${String(key)} has a row and no object`];
      return found === checksum ? [] : [`${String(key)} has other bytes than its row says`];
    }),
    ...[...objects.keys()].filter((key) => !keys.has(key)).map((key) => `${key} has an object and no row`),
    ...twice(gallery, "gallery"),
    ...twice(photos, "photos"),
    ...photos.filter(({ album }) => !albumIds.has(album)).map(({ id }) => `the photo ${String(id)} has no album`),
  ];
}

/** What one user has. */
export interface Belongings {
  readonly files: readonly string[];
  readonly gallery: readonly string[];
  readonly albums: readonly string[];
  readonly photos: readonly string[];
  /** Keys of objects in the user's gallery folder. */
  readonly objects: readonly string[];
}

/** Everybody's belongings, sorted; each user's name is in the folder of the gallery's objects. */
export function belongingsIn(world: World): (user: string) => Belongings {
  const by = (rows: readonly Row[], column: string, value: string) => {
    const groups = Map.groupBy(rows, (row) => String(row[column]));
    return (user: string) => (groups.get(user) ?? []).map((row) => String(row[value])).toSorted();
  };
  const files = by(world.files, "owner", "storage_key");
  const gallery = by(world.gallery, "user_id", "storage_key");
  const albums = by(world.albums, "user_id", "id");
  const photos = by(world.photos, "user_id", "storage_key");
  const folders = Map.groupBy(world.objects.keys(), (key) => key.split("/")[1] ?? "");
  return (user) => ({
    files: files(user),
    gallery: gallery(user),
    albums: albums(user),
    photos: photos(user),
    objects: (folders.get(user) ?? []).toSorted(),
  });
}
