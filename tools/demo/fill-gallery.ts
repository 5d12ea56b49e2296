/** Puts the photographs of test/support/photos into an empty gallery, so that a newcomer has something to look at. */
import { openAsBlob } from "node:fs";
import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { projectFolder } from "../../src/cli/local/wrangler.ts";

/** Resolves with the number of photographs stored: 0 when the token's user has files already. @throws Error when one is refused */
export async function fillGallery(origin: string, token: string): Promise<number> {
  const headers = { Authorization: `Bearer ${token}` };
  const list = await fetch(`${origin}/v1/upload?limit=1`, { headers });
  const { data } = (await list.json()) as { data: { count: number } | null };
  if (data === null || data.count > 0) return 0;
  const folder = join(projectFolder, "test/support/photos");
  const names = (await readdir(folder)).filter((name) => /\.(?:jpe?g|png)$/.test(name));
  for (const name of names) {
    const body = new FormData();
    body.append("file", await openAsBlob(join(folder, name)), name);
    const answer = await fetch(`${origin}/v1/upload`, { method: "POST", headers, body });
    if (!answer.ok) throw new Error(`${name} was refused: ${answer.status} ${await answer.text()}`);
  }
  return names.length;
}
