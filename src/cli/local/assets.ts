/** Tells which requests were for files of the page: wrangler serves them as `[assets]` says, and they are no news. */
import { existsSync } from "node:fs";
import { join, relative } from "node:path";

export interface AnsweredRequest {
  readonly method: string;
  /** With the query. */
  readonly path: string;
  readonly status: number;
}

/** @param folder of the assets; null = there are none */
export function createAssetLookup(folder: string | null): (request: AnsweredRequest) => boolean {
  if (folder === null) return () => false;
  return ({ method, path, status }) => {
    if (status >= 400 || !["GET", "HEAD"].includes(method)) return false;
    const [address = ""] = path.split("?");
    const name = decode(address);
    // As `html_handling` finds a page by its name or its folder's.
    const files = name.endsWith("/") ? [`${name}index.html`] : [name, `${name}.html`];
    return files.some((file) => isWithin(folder, join(folder, file)) && existsSync(join(folder, file)));
  };
}

const isWithin = (folder: string, path: string): boolean => !relative(folder, path).startsWith("..");

function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
