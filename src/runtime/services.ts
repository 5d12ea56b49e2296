/** Makes what one call works with from its deployment. */
import type { DocumentStore } from "./database/document-store.ts";
import type { Deployment } from "./deployment.ts";
import { createLinkRegistry } from "./links/registry.ts";
import { readabilityOf } from "./files/readable.ts";
import { createFileRegistry } from "./files/registry.ts";
import { fileUrl } from "./links/file-url.ts";
import { createLinkIssuer } from "./links/issue.ts";
import type { LinkKey } from "./links/signed-link.ts";
import { createIdempotencyKeys } from "./idempotency/keys.ts";
import { fromKeptText, toKeptText, type NamedLink } from "./idempotency/kept-links.ts";
import type { Links, Services } from "./call/services.ts";
import type { Settings } from "./settings.ts";
import type { ObjectKey } from "./storage/object-key.ts";

/** What of a request its services depend on. */
export interface RequestIdentity {
  readonly id: string;
  readonly url: string;
  /** Where it came from, as http/client-address reads it. */
  readonly clientIp: string | null;
}

/** The name in a link's credential. The secret's previous value has the same: S3 clients keep it when it is replaced. */
const LINK_KEY_ID = "sluice";

export function createServices(
  deployment: Deployment,
  request: RequestIdentity,
  openAccount: Services["openAccount"],
  now = new Date(),
): Services {
  const { settings, database, dialect, store, features, access } = deployment;
  const identity = { origin: originOf(settings, request.url), now, requestId: request.id, clientIp: request.clientIp };
  let documents: DocumentStore | null = null;
  return {
    deployment,
    store,
    database,
    openDocuments: () => (documents ??= features.documents(access, now)),
    registry: createFileRegistry(database, dialect),
    features,
    links: createLinks(deployment, identity),
    url: request.url,
    clientIp: request.clientIp,
    idempotency: createIdempotencyKeys(database, dialect),
    openAccount,
    environment: (name, otherwise) => access.text(name, otherwise),
    now,
    clock: () => performance.now(),
    log: deployment.log,
    close: async () => documents?.close(),
  };
}

/** Where the addresses in an answer point, whatever they name. */
export const originOf = ({ publicBaseUrl }: Settings, requestUrl: string): string =>
  publicBaseUrl ?? new URL(requestUrl).origin;

/** What of a request its links depend on. */
interface LinkIdentity {
  readonly origin: string;
  readonly now: Date;
  readonly requestId: string;
  readonly clientIp: string | null;
}

function createLinks({ database, dialect, settings }: Deployment, identity: LinkIdentity): Links {
  const registry = createLinkRegistry(database, dialect);
  const linkKey = linkKeyOf(settings);
  const issuer = createLinkIssuer({ ...identity, registry, linkKey, r2: settings.r2Links });
  const usual = { expiresSeconds: settings.downloadLinkSeconds };
  const issued: NamedLink[] = [];
  const issue: Links["issue"] = async (file, options) => {
    const made = await issuer.issue(file, { ...usual, ...options });
    issued.push({ url: made.url, id: made.link.id, key: file.storageKey });
    return made;
  };
  const reissue = async (keys: readonly ObjectKey[]) => {
    const issuing = keys.map(async (key) => {
      const file = (await registry.find(key))?.file;
      return file !== undefined && readabilityOf(file, "link", identity.now) === "readable" ? issue(file) : null;
    });
    const links = await Promise.all(issuing);
    await database.batch(links.flatMap((link) => link?.recording ?? []));
    return links.map((link) => link?.url ?? null);
  };
  return {
    fileUrl: (key) => fileUrl(identity.origin, key),
    registry,
    issue,
    async downloadUrl(file, options) {
      const { url, recording } = await issue(file, options);
      await database.batch([recording]);
      return url;
    },
    keep: (value) => toKeptText(value, issued),
    revive: (text) => fromKeptText(text, reissue),
  };
}

export const linkKeyOf = (settings: Settings): LinkKey => ({ accessKeyId: LINK_KEY_ID, ...settings.linkSecret });
