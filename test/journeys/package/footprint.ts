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
  const stats = await Promise.all(entries.map(({ parentPath, name }) => lstat(join(parentPath, name))));
  const sum = (amounts: readonly number[]) => amounts.reduce((total, amount) => total + amount, 0);
  const bytes = sum(stats.filter((one) => one.isFile()).map(({ size }) => size));
  // As `du` counts: what a file takes is whole blocks.
  const onDisk = sum(stats.map(({ blocks }) => blocks * 512));
  const said = `without wrangler, node_modules has ${bytes} bytes, and takes ${onDisk} of disk`;
  check(bytes > 0 && Math.max(bytes, onDisk) <= MAX_BYTES, said);
}
