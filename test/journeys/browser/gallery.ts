/** Somebody's gallery with files in it, open in a tab. */
import type { Page } from "playwright-core";
import { expect } from "vitest";
import type { knowServer } from "../../support/node/server.ts";

export interface Upload {
  readonly name: string;
  readonly type?: string;
  readonly bytes?: string | Uint8Array<ArrayBuffer>;
  readonly isPrivate?: boolean;
}

type Server = ReturnType<typeof knowServer>;

/** Text files with these names. */
export const texts = (...names: readonly string[]): readonly Upload[] => names.map((name) => ({ name }));

/** Of a visitor of their own, who has these already, the last the newest. */
export async function openGalleryWith(page: Page, server: Server, uploads: readonly Upload[]): Promise<void> {
  const token = await server.token(`owner_${crypto.randomUUID()}`);
  for (const { name, type = "text/plain", bytes = "words", isPrivate = false } of uploads) {
    const body = new FormData();
    body.append("file", new Blob([bytes], { type }), name);
    const address = `${server.origin}/v1/upload${isPrivate ? "/private" : ""}`;
    const answer = await fetch(address, { method: "POST", headers: { Authorization: `Bearer ${token}` }, body });
    expect(answer.status).toBe(200);
  }
  await page.goto(`${server.origin}/#token=${token}`);
  if (uploads.length === 0) await page.getByRole("heading", { name: "Nothing here yet" }).waitFor();
  else await listed(page, uploads.length);
}

export const listed = (page: Page, count: number) =>
  page.waitForFunction((wanted) => document.querySelectorAll(".tile").length === wanted, count);
