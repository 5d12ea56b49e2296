/** Where a module of this package lies: as TypeScript in its own repository, as JavaScript where it is installed. */
import { extname, join } from "node:path";

/** @param module its path below src, without the ending */
export function packageFile(module: string): string {
  return join(import.meta.dirname, "..", module + extname(import.meta.filename));
}
