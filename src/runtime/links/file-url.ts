/** The address of a stored file, `<origin>/files/<storage key>`: the only place that writes or reads one. */
import { filesPath } from "../../contract/routes.ts";
import { encodeStrictly } from "../sigv4.ts";
import { type ObjectKey, readObjectKey } from "../storage/object-key.ts";

const PREFIX = `${filesPath}/`;
/** Text that needs no encoding, as nearly every segment is: the slow path is for the others. */
const unreserved = /^[\w.~-]*$/;

/** The inverse of `encodeStrictly`; null for every other spelling, bad percent-encoding and bad UTF-8. */
export function decodeStrictly(text: string): string | null {
  if (unreserved.test(text)) return text;
  try {
    const decoded = decodeURIComponent(text);
    return encodeStrictly(decoded) === text ? decoded : null;
  } catch {
    return null;
  }
}

/** The file's permanent address. @param base where the app is: scheme, host and the path it is mounted at, no slash at the end */
export function fileUrl(base: string, key: ObjectKey): string {
  return base + PREFIX + key.split("/").map(encodeStrictly).join("/");
}

/**
 * The key in a URL's path, or null. A strict inverse of `fileUrl`: each file has exactly one address, so that a cache
 * holds it once, a purge reaches it, and no second spelling of a path can slip past a signature.
 * @param mount the path that the app is mounted at, empty at the root
 */
export function readFileKey(pathname: string, mount = ""): ObjectKey | null {
  const prefix = mount + PREFIX;
  if (!pathname.startsWith(prefix)) return null;
  const segments = pathname.slice(prefix.length).split("/").map(decodeStrictly);
  // A decoded slash would move the border between segments.
  if (segments.some((segment) => segment === null || segment.includes("/"))) return null;
  return readObjectKey(segments.join("/"));
}
