/** Issues signed links, on this Worker or on R2, each with the audit row that must be written before the link leaves. */
import { nanoid } from "nanoid";
import type { Statement } from "../database/database.ts";
import type { LinkTarget, LinkTerms, NewLink } from "./link.ts";
import type { LinkRegistry } from "./registry.ts";
import type { R2Access } from "../storage/r2/access.ts";
import { readDisposition } from "../media/disposition.ts";
import { presignR2 } from "./r2.ts";
import { signLink, type LinkKey } from "./signed-link.ts";
import { noTerms, saidOf } from "./terms.ts";

/** A signed link and the statement of its audit row, which must be sent before the link leaves. */
export interface IssuedLink {
  readonly url: string;
  readonly link: NewLink;
  readonly recording: Statement;
}

export interface LinkIssuer {
  /** Looks the owner's epoch up once per request. */
  issue(file: LinkTarget, terms: LinkTerms): Promise<IssuedLink>;
}

export interface LinkIssuerOptions {
  readonly registry: Pick<LinkRegistry, "epochOf" | "recording">;
  /** Where the Worker's links open, as `fileUrl` has it. */
  readonly base: string;
  readonly linkKey: LinkKey;
  /** Null: every link is the Worker's. */
  readonly r2: R2Access | null;
  readonly now: Date;
  readonly requestId: string;
  readonly clientIp: string | null;
}

export function createLinkIssuer(options: LinkIssuerOptions): LinkIssuer {
  const { registry, base, linkKey, r2, now } = options;
  const epochs = new Map<string | null, Promise<number>>();
  const epochOf = (owner: string | null): Promise<number> => {
    const epoch = epochs.get(owner) ?? registry.epochOf(owner);
    epochs.set(owner, epoch);
    return epoch;
  };

  return {
    async issue(file, terms) {
      const { id: fileId, owner, storageKey: key } = file;
      const isOnR2 = r2 !== null && saidOf(terms).every(({ isForR2 }) => isForR2);
      const expiresSeconds = isOnR2 ? lifeOnR2(file, terms, now) : terms.expiresSeconds;
      const expiresAt = new Date(Math.floor(now.getTime() / 1000 + expiresSeconds) * 1000).toISOString();
      const { requestId, clientIp } = options;
      const id = nanoid();
      const issued = (url: string, link: NewLink) => ({ url, link, recording: registry.recording(link) });
      const row = { ...noTerms, id, fileId, owner, requestId, clientIp, issuedAt: now.toISOString(), expiresAt };
      if (isOnR2) {
        const asked = readDisposition(terms.disposition ?? "inline");
        const shown = { kind: asked?.kind ?? "attachment", fileName: asked?.fileName ?? file.originalFileName };
        const url = await presignR2(r2, { key, fileType: file.fileType, ...shown, expiresSeconds, now });
        return issued(url, { ...row, kind: "r2", epoch: 0 });
      }
      const epoch = file.linkEpoch + (await epochOf(owner));
      const url = await signLink(linkKey, { ...terms, id, epoch, base, key, method: "GET", now });
      return issued(url, { ...row, ...terms, kind: "worker", epoch });
    },
  };
}

/**
 * No link outlives its file: R2 goes on answering until the object is removed, while the Worker checks the file's
 * expiry.
 */
function lifeOnR2({ expiresAt }: LinkTarget, { expiresSeconds }: LinkTerms, now: Date): number {
  if (expiresAt === null) return expiresSeconds;
  const leftSeconds = Math.floor((Date.parse(expiresAt) - now.getTime()) / 1000);
  return Math.max(1, Math.min(expiresSeconds, leftSeconds));
}
