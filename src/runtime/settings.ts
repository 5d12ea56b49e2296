/**
 * The deployment's settings, read from its environment. Every fault is a clear message in the log and a Problem
 * `misconfigured` for the caller, at the first request that needs the value.
 */
import { FIELD_FACTOR, JSON_FACTOR } from "./admission/costs.ts";
import type { LedgerLimits } from "./admission/ledger.ts";
import type { Authentication } from "../contract/plan/authentication.ts";
import type { Plan } from "../contract/plan.ts";
import { misconfigured } from "../contract/problem.ts";
import {
  addressSetting,
  choiceSetting,
  choices,
  integerSetting,
  listSetting,
  textSetting,
  type IntegerName,
  type ListName,
} from "../contract/settings.ts";
import { checkSecrets, readLinkSecret, type ReadEnvironment, type SecretPair } from "./secrets.ts";
import type { R2Access } from "./storage/r2/access.ts";

/** Bindings, variables and secrets, by name. */
export type Environment = Readonly<Record<string, unknown>>;

export interface Settings {
  /** What addresses begin with, no slash at its end; empty = the request's own origin and the path of the mount. */
  readonly publicBaseUrl: string;
  readonly allowedMethods: ReadonlySet<string>;
  /** Exact origins that browsers may call from; `*` = any. */
  readonly allowedOrigins: ReadonlySet<string>;
  /** Signs links and cursors. */
  readonly linkSecret: SecretPair;
  /** Where links without a count or an address open: null on this Worker, else on R2's S3 endpoint. */
  readonly r2Links: R2Access | null;
  /** How long the audit of a link is kept after the link's end. */
  readonly linkAuditSeconds: number;
  /** Lifetime of a `download_url`. */
  readonly downloadLinkSeconds: number;
  readonly maxRequestBytes: number;
  readonly maxJsonBytes: number;
  readonly maxFieldBytes: number;
  readonly maxFormBytes: number;
  readonly maxParts: number;
  readonly admission: LedgerLimits;
  readonly imageMaxPixels: number;
  /** Work units of the image samplers for one picture; see image/fuel. */
  readonly imageMaxWork: number;
  /** How long the object of a deleted file is kept, so that it can be restored. */
  readonly retentionSeconds: number;
  readonly fileApi: FileApiSettings;
  /** Whether the page of public/ is served. */
  readonly servesPage: boolean;
  readonly jobs: JobSettings;
}

/** Settings of background work. */
export interface JobSettings {
  /** How long an attempt may take before it counts as dead. */
  readonly leaseSeconds: number;
  /** How long a message may take before it counts as lost. */
  readonly resendSeconds: number;
  /** How long finished jobs are kept. */
  readonly retentionSeconds: number;
  /** Seconds until the second attempt; each further one waits twice as long. */
  readonly backoffSeconds: number;
}

/** Settings of the routes under /v1/upload. */
export interface FileApiSettings {
  /** What the deployment says; the build must have been told the same. */
  readonly isOn: boolean;
  readonly maxFileBytes: number;
  /** Lower-case media types, as an ABI's `allowed_mimetypes`. */
  readonly types: readonly string[];
  /** What answers name as the bucket. */
  readonly bucket: string;
  /** What tokens must say. */
  readonly tokens: Pick<Authentication, "audience" | "issuer">;
}

const DAY_SECONDS = 86_400;
/** How many of the most costly pictures the calls of one owner may decode at a time. */
const OWNER_PICTURES = 2;

/** @throws Problem `misconfigured`, naming the setting and what was expected in its reason */
export function readSettings(environment: Environment): Settings {
  const integer = (name: IntegerName) => integerSetting(name, environment[name]);
  const list = (name: ListName) => listSetting(name, environment[name]);
  const text = (name: string) => textOf(environment, name);
  const isOn = (name: "FILE_API" | "GALLERY") => choiceSetting(name, choices[name], environment[name]) === "on";
  const imageMaxWork = integer("IMAGE_CPU_BUDGET");
  const maxBytes = integer("MAX_MEMORY_BYTES");
  const kept = (name: IntegerName, factor: number) => {
    const value = integer(name);
    if (value * factor <= maxBytes) return value;
    throw misconfigured(`${factor} times ${name} is more than MAX_MEMORY_BYTES`);
  };
  return {
    publicBaseUrl: addressSetting("PUBLIC_BASE_URL", environment["PUBLIC_BASE_URL"]),
    allowedMethods: new Set(list("ALLOWED_HTTP_METHODS")),
    allowedOrigins: new Set(list("ALLOWED_ORIGINS")),
    linkSecret: readLinkSecret(readerOf(environment)),
    r2Links:
      choiceSetting("LINKS", choices.LINKS, environment["LINKS"]) === "r2" ? readR2Access(environment, true) : null,
    linkAuditSeconds: DAY_SECONDS * integer("LINK_AUDIT_DAYS"),
    downloadLinkSeconds: integer("DOWNLOAD_LINK_SECONDS"),
    maxRequestBytes: integer("MAX_REQUEST_BYTES"),
    maxJsonBytes: kept("MAX_JSON_BYTES", JSON_FACTOR),
    maxFieldBytes: integer("MAX_FIELD_BYTES"),
    maxFormBytes: kept("MAX_FORM_BYTES", FIELD_FACTOR),
    maxParts: integer("MAX_PARTS"),
    admission: {
      maxBytes,
      maxUploads: integer("MAX_CONCURRENT_UPLOADS"),
      maxIdleMilliseconds: 1000 * integer("MAX_IDLE_SECONDS"),
      maxPictureWork: OWNER_PICTURES * imageMaxWork,
    },
    imageMaxPixels: integer("IMAGE_MAX_PIXELS"),
    imageMaxWork,
    retentionSeconds: integer("RETENTION_SECONDS"),
    jobs: {
      leaseSeconds: integer("JOB_LEASE_SECONDS"),
      resendSeconds: integer("JOB_RESEND_SECONDS"),
      retentionSeconds: integer("JOB_RETENTION_SECONDS"),
      backoffSeconds: integer("JOB_BACKOFF_SECONDS"),
    },
    fileApi: {
      isOn: isOn("FILE_API"),
      maxFileBytes: integer("FILE_API_MAX_BYTES"),
      types: list("FILE_API_TYPES").map((type) => type.toLowerCase()),
      bucket: text("FILE_API_BUCKET") || "sluice-files",
      tokens: {
        ...(text("TOKEN_AUDIENCE") && { audience: [{ from: "env", name: "TOKEN_AUDIENCE" }] }),
        ...(text("TOKEN_ISSUER") && { issuer: { from: "env", name: "TOKEN_ISSUER" } }),
      },
    },
    servesPage: isOn("GALLERY"),
  };
}

/**
 * Checks everything that this deployment is set to and that its plans need. @throws Problem `misconfigured` as each
 * would
 */
export function checkEnvironment(environment: Environment, plans: readonly Plan[]): void {
  readSettings(environment);
  const [fault] = checkSecrets(readerOf(environment), plans);
  if (fault !== undefined) throw misconfigured(fault);
}

/** Reads secrets and variables by name. */
export const readerOf =
  (environment: Environment): ReadEnvironment =>
  (name, otherwise) => {
    const value = textOf(environment, name) || otherwise;
    if (value === undefined) throw misconfigured(`${name} is not set: run "wrangler secret put ${name}"`);
    return value;
  };

function textOf(environment: Environment, name: string): string {
  return textSetting(name, Object.hasOwn(environment, name) ? environment[name] : undefined);
}

const R2_NAMES = ["R2_ACCESS_KEY_ID", "R2_SECRET_ACCESS_KEY", "R2_ACCOUNT_ID", "R2_BUCKET_NAME"] as const;

/**
 * What R2's S3 endpoint is asked with; null where nothing of it is set. Where the sweep needs it and links do not, it is not
 * among the settings that each request reads.
 * @throws Problem `misconfigured` where a part of it is set, or nothing although it is needed
 */
export function readR2Access(environment: Environment, isNeeded = false): R2Access | null {
  const values = R2_NAMES.map((name) => textOf(environment, name));
  const missing = R2_NAMES.filter((_, at) => values[at] === "");
  if (missing.length === values.length && !isNeeded) return null;
  if (missing.length > 0) throw misconfigured(`R2 over S3 needs what is not set: ${missing.join(", ")}`);
  const [accessKeyId = "", secret = "", account = "", bucket = ""] = values;
  return { endpoint: readR2Endpoint(environment, account), bucket, accessKeyId, secret };
}

/** A bucket in a jurisdiction has another host: https://developers.cloudflare.com/r2/reference/data-location/ */
function readR2Endpoint(environment: Environment, account: string): string {
  if (!/^[0-9a-f]{32}$/.test(account)) throw misconfigured("R2_ACCOUNT_ID must be 32 hex digits");
  return (
    addressSetting("R2_S3_ENDPOINT", environment["R2_S3_ENDPOINT"]) || `https://${account}.r2.cloudflarestorage.com`
  );
}
