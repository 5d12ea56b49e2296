/**
 * Checks the link of a download, with a memory: one that was opened before is known by its text. Knows nothing of how a
 * link is checked.
 *
 * What is remembered is the outcome of a check that passed, under all that the check looked at, so nothing else can be
 * found by it, and no stranger can fill the memory. Only the end of its life is looked at anew. The look-up goes by a hash
 * of the whole text: how long it takes tells nothing of how much of a signature was right.
 */
import { verifyLink, type LinkKey, type LinkVerdict } from "./signed-link.ts";

/** Of one isolate, by secrets, method and address. Plain values: requests may share them. */
const opened = new Map<string, LinkVerdict>();
/** A link takes about 1 KB. */
const MAX_OPENED_LINKS = 1000;

/** As `verifyLink`. */
export async function openLink(linkKey: LinkKey, request: Request, now: Date, mount = ""): Promise<LinkVerdict | null> {
  const { accessKeyId, secret, previousSecret } = linkKey;
  const { method, url } = request;
  const name = [accessKeyId, secret, previousSecret, method, url].join(" ");
  const known = opened.get(name);
  if (known !== undefined && now < known.expiresAt) return known;
  const verdict = await verifyLink(linkKey, request, now, mount);
  // What a bound link opens for is not in its text.
  if (verdict !== null && !verdict.isBound) remember(name, verdict);
  return verdict;
}

function remember(name: string, verdict: LinkVerdict): void {
  const [oldest] = opened.keys();
  if (opened.size >= MAX_OPENED_LINKS && oldest !== undefined) opened.delete(oldest);
  opened.set(name, verdict);
}
