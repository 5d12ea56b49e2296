/**
 * The deployment's settings: the only reader of the environment. Every fault is a clear message in the log and a
 * Problem `misconfigured` for the caller, at the first request that needs the value.
 */
import { Problem } from "./problem.ts";

/** Bindings come from wrangler.toml; variables and secrets are text, whatever the name. */
export type Environment = Pick<Env, "BUCKET" | "DB"> & { readonly [name: string]: unknown };

export interface Settings {
  /** Where permanent addresses point; null = the request's own origin. */
  readonly publicBaseUrl: string | null;
  readonly allowedMethods: ReadonlySet<string>;
  /** Exact origins that browsers may call from; `*` = any. */
  readonly allowedOrigins: ReadonlySet<string>;
  readonly linkSecret: string;
  /** Life of a `download_url`. */
  readonly downloadLinkSeconds: number;
  readonly maxRequestBytes: number;
  readonly maxJsonBytes: number;
  readonly maxFieldBytes: number;
  readonly maxParts: number;
  readonly maxIdleMilliseconds: number;
  readonly maxConcurrentUploads: number;
  readonly imageMaxPixels: number;
  /** Work units of the image samplers for one picture; see image/fuel. */
  readonly imageMaxWork: number;
}

/** A link secret is an HMAC key: no shorter than the hash. */
const LINK_SECRET_BYTES = 32;
const MEBIBYTE = 1024 * 1024;

/** @throws Problem `misconfigured`, naming the setting and what was expected in its reason */
export function readSettings(environment: Environment): Settings {
  const maxRequestBytes = readInteger(environment, "MAX_REQUEST_BYTES", 100_000_000, 1, 5_000_000_000);
  return {
    publicBaseUrl: readBaseUrl(environment),
    allowedMethods: new Set(readList(environment, "ALLOWED_HTTP_METHODS", "POST", ["POST", "GET"])),
    allowedOrigins: new Set(readList(environment, "ALLOWED_ORIGINS", "", null)),
    linkSecret: readLinkSecret(environment),
    downloadLinkSeconds: readInteger(environment, "DOWNLOAD_LINK_SECONDS", 900, 1, 604_800),
    maxRequestBytes,
    maxJsonBytes: readInteger(environment, "MAX_JSON_BYTES", 2 * MEBIBYTE, 1, 16 * MEBIBYTE),
    maxFieldBytes: readInteger(environment, "MAX_FIELD_BYTES", 64 * 1024, 1, MEBIBYTE),
    maxParts: readInteger(environment, "MAX_PARTS", 1000, 1, 10_000),
    maxIdleMilliseconds: 1000 * readInteger(environment, "MAX_IDLE_SECONDS", 60, 1, 600),
    maxConcurrentUploads: readInteger(environment, "MAX_CONCURRENT_UPLOADS", 12, 1, 1000),
    imageMaxPixels: readInteger(environment, "IMAGE_MAX_PIXELS", 100_000_000, 0, 4_000_000_000),
    imageMaxWork: readInteger(environment, "IMAGE_CPU_BUDGET", 600_000_000, 0, 100_000_000_000),
  };
}

/** A secret or variable that a plan names. @throws Problem `misconfigured` when it is missing or empty */
export function readNamed(environment: Environment, name: string): string {
  const value = readText(environment, name);
  if (value === "") throw misconfigured(`${name} is not set: run "wrangler secret put ${name}"`);
  return value;
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

function readLinkSecret(environment: Environment): string {
  const secret = readNamed(environment, "LINK_SECRET");
  if (new TextEncoder().encode(secret).length < LINK_SECRET_BYTES) {
    throw misconfigured(`LINK_SECRET is shorter than ${LINK_SECRET_BYTES} bytes`);
  }
  return secret;
}
