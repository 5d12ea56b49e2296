/** Makes what a request works with from the deployment's bindings and settings. Knows nothing of routes. */
import type { Build } from "./build.ts";
import type { Database } from "./database/database.ts";
import type { Engine, EngineEnvironment } from "./database/engine.ts";
import { createLinkRegistry } from "./links/registry.ts";
import { isOver } from "./files/record.ts";
import { createFileRegistry } from "./files/registry.ts";
import { fileUrl } from "./links/file-url.ts";
import { createLinkIssuer } from "./links/issue.ts";
import type { LinkKey } from "./links/signed-link.ts";
import { createColorReader, type ColorReader } from "./image/images-binding.ts";
import { createIdempotencyKeys } from "./idempotency/keys.ts";
import { fromKeptText, toKeptText, type NamedLink } from "./idempotency/kept-links.ts";
import type { Links, Services } from "./call/services.ts";
import type { ReadEnvironment } from "./secrets.ts";
import { readNamed, type Environment, type Settings } from "./settings.ts";
import type { ObjectKey } from "./storage/object-key.ts";
import { createR2Store } from "./storage/r2/store.ts";

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
  env: Env,
  { engine, features }: Build,
  settings: Settings,
  request: RequestIdentity,
  openAccount: Services["openAccount"],
): Services {
  const origin = originOf(settings, request.url);
  const now = new Date();
  const database = openDatabase(env, engine);
  const identity = { origin, now, requestId: request.id, clientIp: request.clientIp };
  const links = createLinks(database, engine, settings, identity);
  return {
    store: createR2Store(env.BUCKET),
    database,
    documents: engine.openDocuments?.(engineEnvironment(env), now) ?? null,
    registry: createFileRegistry(database, engine.dialect),
    jobs:
      features.background?.openOffice({
        database,
        dialect: engine.dialect,
        resendSeconds: settings.jobs.resendSeconds,
        url: request.url,
        keep: links.keep,
      }) ?? null,
    features,
    links,
    clientIp: request.clientIp,
    idempotency: createIdempotencyKeys(database, engine.dialect),
    openAccount,
    limits: settings,
    imageLimits: { maxPixels: settings.imageMaxPixels, maxWork: settings.imageMaxWork },
    readColors: createColorReaderOf(env),
    environment: readerOf(env),
    now,
    clock: () => performance.now(),
    log: (event, details) => console.warn(JSON.stringify({ event, request_id: request.id, ...details })),
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

function createLinks(database: Database, engine: Engine, settings: Settings, identity: LinkIdentity): Links {
  const registry = createLinkRegistry(database, engine.dialect);
  const linkKey = linkKeyOf(settings);
  const issuer = createLinkIssuer({ ...identity, registry, linkKey, r2: settings.r2Links });
  const usual = { expiresSeconds: settings.downloadLinkSeconds, maxDownloads: null, address: null, disposition: null };
  const issued: NamedLink[] = [];
  const issue: Links["issue"] = async (file, options) => {
    const { url, link } = await issuer.issue(file, { ...usual, ...options });
    issued.push({ url, id: link.id, key: file.storageKey });
    return { url, link, recording: registry.recording(link) };
  };
  const reissue = async (keys: readonly ObjectKey[]) => {
    const issuing = keys.map(async (key) => {
      const file = (await registry.find(key))?.file;
      return file?.status === "stored" && !isOver(file, identity.now) ? issue(file) : null;
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

/** @throws Problem `misconfigured` when the binding or secret of the chosen database is missing */
export function openDatabase(env: Env, engine: Engine): Database {
  return engine.open(engineEnvironment(env));
}

function engineEnvironment(env: Env): EngineEnvironment {
  const environment = environmentOf(env);
  return { text: readerOf(env), binding: (name) => environment[name] };
}

/** The binding is optional, so the generated types do not know it. */
function createColorReaderOf(env: Env): ColorReader | null {
  const images = environmentOf(env)["IMAGES"] as ImagesBinding | undefined;
  return images === undefined ? null : createColorReader(images);
}

export const linkKeyOf = (settings: Settings): LinkKey => ({ accessKeyId: LINK_KEY_ID, ...settings.linkSecret });

/** Bindings are typed; variables and secrets are read by name. */
export const environmentOf = (env: Env): Environment => ({ ...env });

export function readerOf(env: Env): ReadEnvironment {
  const environment = environmentOf(env);
  return (name, otherwise) => readNamed(environment, name, otherwise);
}
