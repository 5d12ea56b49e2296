/** What those who install the package get besides: everything but wrangler and the optional drivers. */
import { lstat, mkdir, readdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { check, npm } from "./commands.ts";

const MAX_BYTES = 60_000_000;

export async function checkFootprint(folder: string, tarball: string): Promise<void> {
  await mkdir(folder);
  await writeFile(join(folder, "package.json"), '{ "private": true }');
  await npm(folder, "install", "--omit=dev", "--omit=peer", tarball);
  const entries = await readdir(join(folder, "node_modules"), { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => !entry.isDirectory());
  const stats = await Promise.all(files.map(({ parentPath, name }) => lstat(join(parentPath, name))));
  const bytes = stats.reduce((sum, { size }) => sum + size, 0);
  const onDisk = stats.reduce((sum, { blocks }) => sum + blocks * 512, 0);
  const megabytes = (amount: number) => `${(amount / 1e6).toFixed(1)} MB`;
  check(
    bytes > 0 && bytes <= MAX_BYTES,
    `without wrangler, node_modules has ${bytes} bytes in ${files.length} files; ${megabytes(onDisk)} of disk`,
  );
}
