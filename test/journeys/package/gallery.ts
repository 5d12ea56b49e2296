/** What a project has that was made with `--gallery`: the file API and its page. */
import { check } from "./commands.ts";
import type { Project } from "./project.ts";
import { callerOf } from "./uploads.ts";

export async function checkGallery(project: Project, origin: string): Promise<void> {
  await checkPage(origin);
  const caller = await callerOf(project, origin);
  const { _id } = await caller.upload("first.pdf", "public");
  const listed = await caller.files();
  check(listed.length === 1 && listed[0]?._id === _id, "an upload through /v1/upload is listed", listed);
}

export async function checkPage(origin: string): Promise<void> {
  const page = await fetch(`${origin}/`);
  const html = await page.text();
  const script = /<script type="module" src="([^"]+)"/.exec(html)?.[1] ?? "";
  const isPage = page.status === 200 && html.includes("<title>") && script !== "";
  check(isPage && (await fetch(new URL(script, origin))).ok, "the page is at /, with its script", html.slice(0, 500));
}
