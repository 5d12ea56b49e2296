// Where a file's bytes are: public ones under their address, private ones behind a signed link that is kept while it
// opens. Knows no element.

const LINK_SECONDS = 3600;
/** A link is not handed out in the last minute of its life. */
const MARGIN_MS = 60_000;

/** @returns `sourceOf(file, { isFresh })`, `isFresh` after an address has failed; `forget(file)`; and `isOwn(linkId)` */
export function createSources(calls) {
  const links = new Map();
  const own = new Set();
  return {
    sourceOf: async (file, { isFresh = false } = {}) => {
      if (!file.isPrivate) return new URL(file.url).pathname;
      const known = links.get(file.id);
      if (!isFresh && known !== undefined && Date.now() < known.until) return known.address;
      const until = Date.now() + LINK_SECONDS * 1000 - MARGIN_MS;
      const address = await calls.link(file, { expiresSeconds: LINK_SECONDS, disposition: "inline" });
      links.set(file.id, { address, until });
      own.add(new URL(address).searchParams.get("X-Sluice-Link"));
      return address;
    },
    /** The file's links were revoked. */
    forget: ({ id }) => links.delete(id),
    /** Whether the link was made to show the file here, rather than given to somebody. */
    isOwn: (linkId) => own.has(linkId),
  };
}
