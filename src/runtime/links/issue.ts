/** Issues signed links, on this Worker or on R2, each with the audit row that must be written before the link leaves. */
import { nanoid } from "nanoid";
import type { Statement } from "../database/database.ts";
import type { LinkTarget, LinkTerms, NewLink, UntargetedLink } from "./link.ts";
import type { LinkableFile, LinkRegistry } from "./registry.ts";
import type { ObjectKey } from "../storage/object-key.ts";
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

/** A signed link whose audit row is written. */
export type RecordedLink = Omit<IssuedLink, "recording">;

export interface GroupedLinks {
  readonly id: string;
  /** By key; those that cannot be read are missing. */
  readonly urls: ReadonlyMap<ObjectKey, string>;
  /** All that can be read, by key. */
  readonly found: ReadonlyMap<ObjectKey, LinkableFile>;
}

export interface LinkIssuer {
  /** The epoch above the owner's files, looked up once per request. */
  readonly epochOf: (owner: string | null) => Promise<number>;
  /** What `epochOf` says from then on, where another query has read it. */
  noteEpoch(owner: string | null, epoch: number): void;
  issue(file: LinkTarget, terms: LinkTerms): Promise<IssuedLink>;
  /** A link before its file is looked up, for an audit row that is written with the look-up. */
  begin(terms: LinkTerms): UntargetedLink;
  /** Signs what was begun; the same link, letter for letter, where it is of before. @param terms as it was asked for */
  sign(link: UntargetedLink, file: LinkTarget, terms: LinkTerms, epoch: number): Promise<RecordedLink>;
  /**
   * A link to each of the files that can be read, whoever they belong to: one round trip, one audit row. All have the one
   * id, so they take no terms that are counted by it. @param others are only looked up
   */
  issueAll(
    keys: readonly ObjectKey[],
    others: readonly ObjectKey[],
    terms: Pick<LinkTerms, "expiresSeconds">,
  ): Promise<GroupedLinks>;
}

export interface LinkIssuerOptions {
  readonly registry: Pick<LinkRegistry, "epochOf" | "recording" | "recordAll">;
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

  const begin: LinkIssuer["begin"] = (terms) => {
    const isOnR2 = r2 !== null && saidOf(terms).every(({ isForR2 }) => isForR2);
    return {
      ...noTerms,
      ...(isOnR2 ? {} : terms),
      id: nanoid(),
      kind: isOnR2 ? "r2" : "worker",
      requestId: options.requestId,
      clientIp: options.clientIp,
      issuedAt: now.toISOString(),
      expiresAt: new Date(Math.floor(now.getTime() / 1000 + terms.expiresSeconds) * 1000).toISOString(),
    };
  };
  const sign: LinkIssuer["sign"] = async (link, file, terms, epoch) => {
    const { owner, id: fileId, storageKey: key } = file;
    const issuedAt = new Date(link.issuedAt);
    if (r2 === null || link.kind === "worker") {
      const url = await signLink(linkKey, { ...terms, id: link.id, epoch, base, key, method: "GET", now: issuedAt });
      return { url, link: { ...link, fileId, owner, epoch } };
    }
    const asked = readDisposition(terms.disposition ?? "inline");
    const shown = { kind: asked?.kind ?? "attachment", fileName: asked?.fileName ?? file.originalFileName };
    const expiresSeconds = lifeOnR2(file, terms, issuedAt);
    const url = await presignR2(r2, { key, fileType: file.fileType, ...shown, expiresSeconds, now: issuedAt });
    return { url, link: { ...link, fileId, owner, epoch: 0, expiresAt: endOnR2(file, link) } };
  };

  return {
    begin,
    sign,
    epochOf,
    noteEpoch: (owner, epoch) => void epochs.set(owner, Promise.resolve(epoch)),
    async issue(file, terms) {
      const link = begin(terms);
      const epoch = link.kind === "r2" ? 0 : file.linkEpoch + (await epochOf(file.owner));
      const signed = await sign(link, file, terms, epoch);
      return { ...signed, recording: registry.recording(signed.link) };
    },
    async issueAll(keys, others, terms) {
      const link = begin(terms);
      const rows = keys.length + others.length === 0 ? [] : await registry.recordAll(link, keys, others);
      const found = new Map(rows.map((row) => [row.file.storageKey, row]));
      const signing = keys.map(async (key) => {
        const row = found.get(key);
        return row === undefined ? [] : [[key, (await sign(link, row.file, terms, row.epoch)).url] as const];
      });
      return { id: link.id, urls: new Map((await Promise.all(signing)).flat()), found };
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

/** As the audit has it. */
function endOnR2(file: LinkTarget, { expiresAt }: UntargetedLink): string {
  return file.expiresAt !== null && file.expiresAt < expiresAt ? file.expiresAt : expiresAt;
}
