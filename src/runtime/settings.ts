/**
 * The deployment's settings: the only reader of the environment. Every fault is a clear message in the log and a
 * Problem `misconfigured` for the caller, at the first request that needs the value.
 */
import { FIELD_FACTOR, JSON_FACTOR } from "./admission/costs.ts";
import type { LedgerLimits } from "./admission/ledger.ts";
import { mediaTypes } from "../contract/media-types.ts";
import type { Authentication, Plan } from "../contract/plan.ts";
import { Problem } from "../contract/problem.ts";
import { checkSecrets, readLinkSecret, type SecretPair } from "./secrets.ts";
import type { R2Access } from "./storage/r2/access.ts";

/** Bindings of wrangler.toml, variables and secrets, by name. */
export type Environment = Readonly<Record<string, unknown>>;

export interface Settings {
  /** Where permanent addresses point; null = the request's own origin. */
  readonly publicBaseUrl: string | null;
  readonly allowedMethods: ReadonlySet<string>;
  /** Exact origins that browsers may call from; `*` = any. */
  readonly allowedOrigins: ReadonlySet<string>;
  /** Signs links and cursors. */
  readonly linkSecret: SecretPair;
  /** Where links without count or address open: null on this Worker, else on R2's S3 endpoint. */
  readonly r2Links: R2Access | null;
  /** How long the audit of a link is kept after the link's end. */
  readonly linkAuditSeconds: number;
  /** Life of a `download_url`. */
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
  /** The page of public/ is served. */
  readonly servesPage: boolean;
  readonly jobs: JobSettings;
}

/** Of background work. */
export interface JobSettings {
  /** How long an attempt may take before it is taken for dead. */
  readonly leaseSeconds: number;
  /** How long a message may take before it is taken for lost. */
  readonly resendSeconds: number;
  /** How long finished jobs are kept. */
  readonly retentionSeconds: number;
  /** Seconds until the second attempt; each further one waits twice as long. */
  readonly backoffSeconds: number;
}

/** Of the routes under /v1/upload. */
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

const MEBIBYTE = 1024 * 1024;
const DAY_SECONDS = 86_400;
/** How many of the most costly pictures the calls of one owner may have read at a time. */
const OWNER_PICTURES = 2;
/** No wildcard covers SVG; markup, programs and bytes of no known type are not kept. */
const keptTypes = [...mediaTypes].flatMap(([type, { kept }]) => (kept === true ? [type] : []));
const FILE_API_TYPES = ["image/*", "audio/*", "video/*", ...keptTypes].join("|");

/** @throws Problem `misconfigured`, naming the setting and what was expected in its reason */
export function readSettings(environment: Environment): Settings {
  const maxRequestBytes = readInteger(environment, "MAX_REQUEST_BYTES", 100_000_000, 1, 5_000_000_000);
  const maxBytes = readInteger(environment, "MAX_MEMORY_BYTES", 80 * MEBIBYTE, 8 * MEBIBYTE, 1024 * MEBIBYTE);
  const imageMaxWork = readInteger(environment, "IMAGE_CPU_BUDGET", 600_000_000, 0, 100_000_000_000);
  const readKept = (name: string, factor: number) => {
    const value = readInteger(environment, name, 2 * MEBIBYTE, 1, 16 * MEBIBYTE);
    if (value * factor <= maxBytes) return value;
    throw misconfigured(`${name} bytes take ${factor} times as many of memory, more than MAX_MEMORY_BYTES`);
  };
  return {
    publicBaseUrl: readBaseUrl(environment),
    allowedMethods: new Set(readList(environment, "ALLOWED_HTTP_METHODS", "POST", ["POST", "GET"])),
    allowedOrigins: new Set(readList(environment, "ALLOWED_ORIGINS", "", null)),
    linkSecret: readLinkSecret((name, otherwise) => readNamed(environment, name, otherwise)),
    r2Links: readR2Links(environment),
    linkAuditSeconds: DAY_SECONDS * readInteger(environment, "LINK_AUDIT_DAYS", 90, 0, 3650),
    downloadLinkSeconds: readInteger(environment, "DOWNLOAD_LINK_SECONDS", 900, 1, 604_800),
    maxRequestBytes,
    maxJsonBytes: readKept("MAX_JSON_BYTES", JSON_FACTOR),
    maxFieldBytes: readInteger(environment, "MAX_FIELD_BYTES", 64 * 1024, 1, MEBIBYTE),
    maxFormBytes: readKept("MAX_FORM_BYTES", FIELD_FACTOR),
    maxParts: readInteger(environment, "MAX_PARTS", 1000, 1, 10_000),
    admission: {
      maxBytes,
      maxUploads: readInteger(environment, "MAX_CONCURRENT_UPLOADS", 12, 1, 1000),
      maxIdleMilliseconds: 1000 * readInteger(environment, "MAX_IDLE_SECONDS", 60, 1, 600),
      maxPictureWork: OWNER_PICTURES * imageMaxWork,
    },
    imageMaxPixels: readInteger(environment, "IMAGE_MAX_PIXELS", 100_000_000, 0, 4_000_000_000),
    imageMaxWork,
    retentionSeconds: readInteger(environment, "RETENTION_SECONDS", 30 * DAY_SECONDS, 0, 3650 * DAY_SECONDS),
    jobs: {
      leaseSeconds: readInteger(environment, "JOB_LEASE_SECONDS", 300, 1, 900),
      resendSeconds: readInteger(environment, "JOB_RESEND_SECONDS", 300, 1, DAY_SECONDS),
      retentionSeconds: readInteger(environment, "JOB_RETENTION_SECONDS", 7 * DAY_SECONDS, 60, 365 * DAY_SECONDS),
      backoffSeconds: readInteger(environment, "JOB_BACKOFF_SECONDS", 5, 0, 3600),
    },
    fileApi: readFileApi(environment),
    servesPage: readSwitch(environment, "GALLERY"),
  };
}

/** All that this deployment is set to, and all that its plans need. @throws Problem `misconfigured` as each would */
export function checkEnvironment(environment: Environment, plans: readonly Plan[]): void {
  readSettings(environment);
  const [fault] = checkSecrets((name, otherwise) => readNamed(environment, name, otherwise), plans);
  if (fault !== undefined) throw misconfigured(fault);
}

/** A secret or variable by name. @throws Problem `misconfigured` when it is missing or empty and may not be */
export function readNamed(environment: Environment, name: string, otherwise?: string): string {
  const value = readText(environment, name) || otherwise;
  if (value === undefined) throw misconfigured(`${name} is not set: run "wrangler secret put ${name}"`);
  return value;
}

function readFileApi(environment: Environment): FileApiSettings {
  const types = readList(environment, "FILE_API_TYPES", FILE_API_TYPES, null).map((type) => type.toLowerCase());
  const strange = types.find((type) => !/^(?:\*\/\*|[a-z0-9][\w.+-]*\/(?:\*|[\w.+-]+))$/.test(type));
  if (strange !== undefined) throw misconfigured(`FILE_API_TYPES holds ${strange}, which is no media type`);
  return {
    isOn: readSwitch(environment, "FILE_API"),
    maxFileBytes: readInteger(environment, "FILE_API_MAX_BYTES", 20 * MEBIBYTE, 1, 5_000_000_000),
    types,
    bucket: readText(environment, "FILE_API_BUCKET") || "sluice-files",
    tokens: {
      ...(readText(environment, "TOKEN_AUDIENCE") && { audience: [{ from: "env", name: "TOKEN_AUDIENCE" }] }),
      ...(readText(environment, "TOKEN_ISSUER") && { issuer: { from: "env", name: "TOKEN_ISSUER" } }),
    },
  };
}

function misconfigured(reason: string): Problem {
  return new Problem("misconfigured", { reason });
}

function readText(environment: Environment, name: string): string {
  const value = Object.hasOwn(environment, name) ? environment[name] : undefined;
  if (value === undefined) return "";
  if (typeof value !== "string") throw misconfigured(`${name} must be text`);
  return value.trim();
}

/** Off unless it is on. */
function readSwitch(environment: Environment, name: string): boolean {
  const text = readText(environment, name);
  if (text !== "" && text !== "on" && text !== "off") throw misconfigured(`${name} is ${text}; known are on|off`);
  return text === "on";
}

function readInteger(environment: Environment, name: string, otherwise: number, least: number, most: number): number {
  const text = readText(environment, name);
  if (text === "") return otherwise;
  const value = Number(text);
  if (!/^\d+$/.test(text) || value < least || value > most) {
    throw misconfigured(`${name} must be a whole number from ${least} to ${most}`);
  }
  return value;
}

/** `A|B`, also with commas. */
function readList(environment: Environment, name: string, otherwise: string, known: readonly string[] | null) {
  const text = readText(environment, name) || otherwise;
  const entries = text.split(/[|,\s]+/).filter((entry) => entry !== "");
  const unknown = entries.find((entry) => known !== null && !known.includes(entry));
  if (unknown !== undefined) throw misconfigured(`${name} holds ${unknown}; known are ${known?.join("|") ?? ""}`);
  return entries;
}

function readBaseUrl(environment: Environment): string | null {
  const text = readText(environment, "PUBLIC_BASE_URL");
  if (text === "") return null;
  const url = URL.canParse(text) ? new URL(text) : null;
  if (url === null || !/^https?:$/.test(url.protocol) || url.pathname !== "/" || url.search !== "") {
    throw misconfigured("PUBLIC_BASE_URL must be an origin such as https://files.example.com");
  }
  return url.origin;
}

const R2_NAMES = ["R2_ACCESS_KEY_ID", "R2_SECRET_ACCESS_KEY", "R2_ACCOUNT_ID", "R2_BUCKET_NAME"] as const;

/** `LINKS=r2` needs all that an S3 client does. For the Worker's own links R2's keys are not looked at. */
function readR2Links(environment: Environment): R2Access | null {
  const kind = readText(environment, "LINKS") || "worker";
  if (kind === "worker") return null;
  if (kind !== "r2") throw misconfigured(`LINKS is ${kind}; known are worker|r2`);
  return readR2Keys(environment, "LINKS is r2");
}

/**
 * What R2's S3 endpoint is asked with, wherever links open; null where nothing of it is set. Not among the settings that
 * each request reads: the sweep can do without. @throws Problem `misconfigured` where a part of it is set
 */
export function readR2Access(environment: Environment): R2Access | null {
  if (R2_NAMES.every((name) => readText(environment, name) === "")) return null;
  return readR2Keys(environment, "R2's keys are set in part");
}

function readR2Keys(environment: Environment, reason: string): R2Access {
  const missing = R2_NAMES.filter((name) => readText(environment, name) === "");
  if (missing.length > 0) throw misconfigured(`${reason}, but not set: ${missing.join(", ")}`);
  const [accessKeyId, secret, account, bucket] = R2_NAMES.map((name) => readText(environment, name));
  return {
    endpoint: readR2Endpoint(environment, account ?? ""),
    bucket: bucket ?? "",
    accessKeyId: accessKeyId ?? "",
    secret: secret ?? "",
  };
}

/** A bucket of a jurisdiction has another host: https://developers.cloudflare.com/r2/reference/data-location/ */
function readR2Endpoint(environment: Environment, account: string): string {
  if (!/^[0-9a-f]{32}$/.test(account)) throw misconfigured("R2_ACCOUNT_ID must be 32 hex digits");
  const text = readText(environment, "R2_S3_ENDPOINT");
  if (text === "") return `https://${account}.r2.cloudflarestorage.com`;
  const url = URL.canParse(text) ? new URL(text) : null;
  if (url === null || !/^https?:$/.test(url.protocol) || url.search !== "" || url.hash !== "") {
    throw misconfigured("R2_S3_ENDPOINT must be an address such as https://<account>.eu.r2.cloudflarestorage.com");
  }
  // Looking behind, so that a run of slashes is tried once, from its beginning.
  return url.href.replace(/(?<!\/)\/+$/, "");
}
