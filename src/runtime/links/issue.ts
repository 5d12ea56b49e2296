/**
 * Issues signed links: on this Worker or on R2, each with the audit row that must be written before it leaves. It knows
 * nothing of who may have one.
 */
import { nanoid } from "nanoid";
import type { LinkTarget, LinkTerms, NewLink } from "./link.ts";
import type { LinkRegistry } from "./registry.ts";
import type { R2Access } from "../storage/r2/access.ts";
import { readDisposition } from "../media/disposition.ts";
import { presignR2 } from "./r2.ts";
import { signLink, type LinkKey } from "./signed-link.ts";

export interface IssuedLink {
  readonly url: string;
  readonly link: NewLink;
}

export interface LinkIssuer {
  /** A link with its row, which is not written yet. Looks the owner's epoch up, once in a request. */
  issue(file: LinkTarget, terms: LinkTerms): Promise<IssuedLink>;
}

export interface LinkIssuerOptions {
  readonly registry: Pick<LinkRegistry, "epochOf">;
  /** Where the Worker's links open: scheme and host. */
  readonly origin: string;
  readonly linkKey: LinkKey;
  /** Null: every link is the Worker's. */
  readonly r2: R2Access | null;
  readonly now: Date;
  readonly requestId: string;
  readonly clientIp: string | null;
}

export function createLinkIssuer(options: LinkIssuerOptions): LinkIssuer {
  const { registry, origin, linkKey, r2, now } = options;
  const epochs = new Map<string | null, Promise<number>>();
  const epochOf = (owner: string | null): Promise<number> => {
    const epoch = epochs.get(owner) ?? registry.epochOf(owner);
    epochs.set(owner, epoch);
    return epoch;
  };

  return {
    async issue(file, terms) {
      const { id: fileId, owner, storageKey: key } = file;
      const { maxDownloads, address, disposition } = terms;
      const isOnR2 = r2 !== null && isPlain(terms);
      const expiresSeconds = isOnR2 ? lifeOnR2(file, terms, now) : terms.expiresSeconds;
      const expiresAt = new Date(Math.floor(now.getTime() / 1000 + expiresSeconds) * 1000).toISOString();
      const { requestId, clientIp } = options;
      const id = nanoid();
      const base = { id, fileId, owner, requestId, clientIp, issuedAt: now.toISOString(), expiresAt };
      if (isOnR2) {
        const asked = readDisposition(disposition ?? "inline");
        const shown = { kind: asked?.kind ?? "attachment", fileName: asked?.fileName ?? file.originalFileName };
        const url = await presignR2(r2, { key, fileType: file.fileType, ...shown, expiresSeconds, now });
        return { url, link: { ...base, kind: "r2", epoch: 0, boundIp: null, maxDownloads: null } };
      }
      const epoch = file.linkEpoch + (await epochOf(owner));
      const claims = { id, epoch, maxDownloads, address, disposition };
      const url = await signLink(linkKey, { ...claims, origin, key, method: "GET", expiresSeconds, now });
      return { url, link: { ...base, kind: "worker", epoch, boundIp: address, maxDownloads } };
    },
  };
}

/** R2 can neither count nor bind. */
function isPlain({ maxDownloads, address }: LinkTerms): boolean {
  return maxDownloads === null && address === null;
}

/** No link outlives its file: R2 goes on answering until the object is removed, while the Worker knows better. */
function lifeOnR2({ expiresAt }: LinkTarget, { expiresSeconds }: LinkTerms, now: Date): number {
  if (expiresAt === null) return expiresSeconds;
  const leftSeconds = Math.floor((Date.parse(expiresAt) - now.getTime()) / 1000);
  return Math.max(1, Math.min(expiresSeconds, leftSeconds));
}
