/** The links that one call issues and stores. */
import type { Deployment } from "../deployment.ts";
import type { ThumbnailLinks } from "./pictures.ts";
import { fileUrl } from "../links/file-url.ts";
import { createLinkIssuer, type IssuedLink, type LinkIssuer } from "../links/issue.ts";
import { fromKeptText, toKeptText, type NamedLink } from "../links/kept-links.ts";
import type { IssueAll, LinkTarget, LinkTerms, LinkWish } from "../links/link.ts";
import { createLinkRegistry } from "../links/registry.ts";
import { linkKeyOf } from "../links/signed-link.ts";
import type { ObjectKey } from "../storage/object-key.ts";

/** Unless asked otherwise, a link has the deployment's lifetime and no other terms. */
export type LinkOptions = Partial<LinkTerms>;

export interface CallLinks {
  /** The permanent address. */
  fileUrl(key: ObjectKey): string;
  /** A short-lived signed link, not recorded yet. */
  issue(file: LinkTarget, options?: LinkOptions): Promise<IssuedLink>;
  /** Whoever the files belong to, in one round trip; see `LinkIssuer`. */
  readonly issueAll: IssueAll;
  /** What the addresses of thumbnails are made with. */
  readonly thumbnails: ThumbnailLinks;
  /** For the links whose rows the file API writes: they are not among those that `keep` knows. */
  readonly issuer: Pick<LinkIssuer, "begin" | "sign" | "epochOf" | "noteEpoch">;
  /** The value as text to store, in which no link that was issued here is legible. */
  readonly keep: (value: unknown) => string;
  /** What `keep` stored, with a new link in place of each; null in place of one whose file cannot be read any more. */
  revive(text: string): Promise<unknown>;
}

/** The parts of a call that its links depend on. */
interface LinkIdentity {
  readonly base: string;
  readonly now: Date;
  readonly requestId: string;
  readonly clientIp: string | null;
}

export function createCallLinks(
  { database, dialect, settings, features }: Deployment,
  identity: LinkIdentity,
): CallLinks {
  const registry = createLinkRegistry(database, dialect);
  const linkKey = linkKeyOf(settings.linkSecret);
  const issuer = createLinkIssuer({ ...identity, registry, linkKey, r2: settings.r2Links });
  const usual = { expiresSeconds: settings.downloadLinkSeconds };
  const issued: NamedLink[] = [];
  const issue: CallLinks["issue"] = async (file, options) => {
    const made = await issuer.issue(file, { ...usual, ...options });
    issued.push({ url: made.url, id: made.link.id, key: file.storageKey });
    return made;
  };
  const { epochOf } = issuer;
  const thumbnails: ThumbnailLinks = { ...identity, ...usual, linkKey, epochOf, issued };
  const issueAll: IssueAll = async (wishes) => {
    const keysOf = (areFiles: boolean) =>
      wishes.flatMap(({ key, thumbnail }) => ((thumbnail === undefined) === areFiles ? key : []));
    const { id, urls, found } = await issuer.issueAll([...new Set(keysOf(true))], keysOf(false), usual);
    for (const [key, url] of urls) issued.push({ url, id: `${id}:${issued.length}`, key });
    const linkTo = async ({ key, thumbnail }: LinkWish) =>
      thumbnail === undefined ? urls.get(key) : features.thumbnails.linkTo(found.get(key), thumbnail, thumbnails);
    return Promise.all(wishes.map(async (wish) => (await linkTo(wish)) ?? null));
  };
  return {
    fileUrl: (key) => fileUrl(identity.base, key),
    issue,
    issueAll,
    thumbnails,
    issuer,
    keep: (value) => toKeptText(value, issued),
    revive: (text) => fromKeptText(text, issueAll),
  };
}
