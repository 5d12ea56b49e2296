/** The address of a stored file, `<origin>/files/<storage key>`: the only place that writes or reads one. */
import { filesPath } from "../../contract/routes.ts";
import { encodeStrictly } from "../sigv4.ts";
import { type ObjectKey, readObjectKey } from "../storage/object-key.ts";

const PREFIX = `${filesPath}/`;
/** Null for bad percent-encoding and bad UTF-8. */
export function decodeComponent(text: string): string | null {
  if (!text.includes("%")) return text;
  try {
    return decodeURIComponent(text);
  } catch {
    return null;
  }
}

/** The file's permanent address. @param base what addresses begin with, no slash at the end */
export function fileUrl(base: string, key: ObjectKey): string {
  return base + PREFIX + key.split("/").map(encodeStrictly).join("/");
}

/**
 * The key in a URL's path, or null. Equivalent spellings (RFC 3986 §6.2.2) name the same file: clients encode more or
 * less than `fileUrl` does. What is signed is the address that `fileUrl` writes.
 * @param mount the path that the app is mounted at, empty at the root
 */
export function readFileKey(pathname: string, mount = ""): ObjectKey | null {
  const prefix = mount + PREFIX;
  if (!pathname.startsWith(prefix)) return null;
  const segments = pathname.slice(prefix.length).split("/").map(decodeComponent);
  // A decoded slash would move the border between segments.
  if (segments.some((segment) => segment === null || segment.includes("/"))) return null;
  return readObjectKey(segments.join("/"));
}
