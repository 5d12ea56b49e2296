/**
 * Checks the link of a download, with a cache: a link that was opened before is recognised by its text.
 *
 * The cache holds the outcomes of checks that passed, keyed by everything that the check looked at. So nothing else can
 * be found by it, and no stranger can fill it. Only the link's expiry is checked anew. The look-up uses a hash of the
 * whole text, so its timing tells nothing of how much of a signature was right.
 */
import { verifyLink, type LinkKey, type LinkPlace, type LinkVerdict } from "./signed-link.ts";

/** Per isolate, by secrets, place, method and address. Plain values: requests may share them. */
const opened = new Map<string, LinkVerdict>();
/** A link takes about 1 KB. */
const MAX_OPENED_LINKS = 1000;

/** As `verifyLink`. */
export async function openLink(
  linkKey: LinkKey,
  request: Request,
  now: Date,
  place: LinkPlace,
): Promise<LinkVerdict | null> {
  const name = JSON.stringify([linkKey, place, request.method, request.url]);
  const known = opened.get(name);
  if (known !== undefined && now < known.expiresAt) return known;
  const verdict = await verifyLink(linkKey, request, now, place);
  // What a bound link opens for is not in its text.
  if (verdict !== null && !verdict.isBound) remember(name, verdict);
  return verdict;
}

function remember(name: string, verdict: LinkVerdict): void {
  const [oldest] = opened.keys();
  if (opened.size >= MAX_OPENED_LINKS && oldest !== undefined) opened.delete(oldest);
  opened.set(name, verdict);
}
