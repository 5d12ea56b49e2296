/**
 * The deployment's settings: what each may be, and what it is where nobody sets it. The Worker reads them by this table, the
 * build checks the variables of wrangler's configuration with it, and docs/settings.md is printed from it; the sentences are in
 * tools/pages/settings.ts, so that no Worker carries them.
 */
import { defaultBackground, defaultQuality, leastEdge, mostEdge, mostThumbnails, thumbnailName } from "./limits.ts";
import { mediaTypes } from "./media-types.ts";
import type { Quota, ThumbnailRule } from "./plan/files.ts";
import { misconfigured } from "./problem.ts";

const MEBIBYTE = 1024 * 1024;
const DAY_SECONDS = 86_400;
/** The largest plan's body is far below; an object of R2 may have as many. */
const MOST_BYTES = 5_000_000_000;
/** No wildcard covers SVG; markup, programs and bytes of no known type are not kept. */
const keptTypes = [...mediaTypes].flatMap(([type, { kept }]) => (kept === true ? [type] : []));
const FILE_API_TYPES = ["image/*", "audio/*", "video/*", ...keptTypes].join("|");

/** Whole numbers: what each is by default, the least and the most. */
export const integers = {
  FILE_API_MAX_BYTES: [20 * MEBIBYTE, 1, MOST_BYTES],
  RETENTION_SECONDS: [30 * DAY_SECONDS, 0, 3650 * DAY_SECONDS],
  DATABASE_TIMEOUT_SECONDS: [10, 1, 300],
  DOWNLOAD_LINK_SECONDS: [900, 1, 604_800],
  LINK_AUDIT_DAYS: [90, 0, 3650],
  // Free and Pro plans: https://developers.cloudflare.com/workers/platform/limits/#request-limits
  MAX_REQUEST_BYTES: [100_000_000, 1, MOST_BYTES],
  MAX_JSON_BYTES: [2 * MEBIBYTE, 1, 16 * MEBIBYTE],
  MAX_FIELD_BYTES: [64 * 1024, 1, MEBIBYTE],
  MAX_FORM_BYTES: [2 * MEBIBYTE, 1, 16 * MEBIBYTE],
  MAX_PARTS: [1000, 1, 10_000],
  MAX_CONCURRENT_UPLOADS: [12, 1, 1000],
  MAX_MEMORY_BYTES: [80 * MEBIBYTE, 8 * MEBIBYTE, 1024 * MEBIBYTE],
  MAX_IDLE_SECONDS: [60, 1, 600],
  IMAGE_MAX_PIXELS: [100_000_000, 0, 4_000_000_000],
  IMAGE_CPU_BUDGET: [600_000_000, 0, 100_000_000_000],
  JOB_LEASE_SECONDS: [300, 1, 900],
  JOB_RESEND_SECONDS: [300, 1, DAY_SECONDS],
  JOB_BACKOFF_SECONDS: [5, 0, 3600],
  JOB_RETENTION_SECONDS: [7 * DAY_SECONDS, 60, 365 * DAY_SECONDS],
} as const satisfies Readonly<Record<string, readonly [standard: number, least: number, most: number]>>;

/** One of two words, by default the first. */
export const choices = { FILE_API: "off|on", GALLERY: "off|on", LINKS: "worker|r2" } as const;

/** Of which the build is made; no Worker reads it. */
export const buildChoices = { OPENAPI: "off|on", FILE_API_RESUMABLE: "false|true" } as const;

/** Words between `|`, commas or spaces: what they are by default, and what each has to look like. */
export const lists = {
  FILE_API_TYPES: [FILE_API_TYPES, /^(?:\*\/\*|[a-z0-9][\w.+-]*\/(?:\*|[\w.+-]+))$/i],
  ALLOWED_HTTP_METHODS: ["POST", /^(?:POST|GET)$/],
  ALLOWED_ORIGINS: ["", /./],
} as const satisfies Readonly<Record<string, readonly [standard: string, entry: RegExp]>>;

/** Text, addresses, thumbnails and quotas. Of the rest only their readers can judge. A secret belongs into `wrangler secret put`, never into a file. */
export const plainSettings = {
  DATABASE: "text",
  PUBLIC_BASE_URL: "address",
  FILE_API_BUCKET: "text",
  FILE_API_THUMBNAILS: "thumbnails",
  FILE_API_QUOTA: "quota",
  TOKEN_AUDIENCE: "text",
  TOKEN_ISSUER: "text",
  LINK_SECRET: "secret",
  LINK_SECRET_PREVIOUS: "secret",
  DATABASE_URL: "secret",
  MONGODB_URL: "secret",
  MONGODB_DATABASE: "text",
  R2_ACCOUNT_ID: "text",
  R2_BUCKET_NAME: "text",
  R2_S3_ENDPOINT: "address",
  R2_ACCESS_KEY_ID: "secret",
  R2_SECRET_ACCESS_KEY: "secret",
} as const satisfies Readonly<Record<string, "text" | "secret" | "address" | "thumbnails" | "quota">>;

export type IntegerName = keyof typeof integers;
export type ListName = keyof typeof lists;
export type SettingName =
  IntegerName | keyof typeof choices | keyof typeof buildChoices | ListName | keyof typeof plainSettings;

/** @throws Problem `misconfigured`, as all of these: the reason begins with the setting's name */
export function integerSetting(name: IntegerName, value: unknown): number {
  const [standard, least, most] = integers[name];
  const text = textSetting(name, value);
  if (text === "") return standard;
  const number = Number(text);
  if (/^\d+$/.test(text) && number >= least && number <= most) return number;
  throw misconfigured(`${name} must be a whole number from ${least} to ${most}`);
}

/** @param known as in `choices` */
export function choiceSetting(name: string, known: string, value: unknown): string {
  const [standard = "", other] = known.split("|");
  const text = textSetting(name, value) || standard;
  if (text === standard || text === other) return text;
  throw misconfigured(`${name} is ${text}; known are ${known}`);
}

/** Between `|`, commas or spaces. */
const entriesOf = (text: string): string[] => text.match(/[^|,\s]+/g) ?? [];

export function listSetting(name: ListName, value: unknown): string[] {
  const [standard, form] = lists[name];
  const entries = entriesOf(textSetting(name, value) || standard);
  const strange = entries.find((entry) => !form.test(entry));
  if (strange === undefined) return entries;
  throw misconfigured(`${name} may not hold ${strange}`);
}

/** Scheme and host, and a path that needs no encoding: nothing that could be read in two ways. */
const address = /^https?:\/\/[\w.:[\]-]+(?:\/[\w.~-]+)*\/?$/i;

/** Without a slash at the end; empty for what is not set. */
export function addressSetting(name: string, value: unknown): string {
  const text = textSetting(name, value);
  if (text !== "" && !(address.test(text) && URL.canParse(text))) {
    throw misconfigured(`${name} must be an address such as https://files.example.com/media`);
  }
  return text.replace(/\/$/, "");
}

/** `small:320, large:1280`: names, and pixels of the longer side. Empty: none. */
export function thumbnailSetting(setting: string, value: unknown): readonly ThumbnailRule[] {
  const rules = entriesOf(textSetting(setting, value)).map((entry) => {
    const [, name = "", edge] = /^(.+):(\d+)$/.exec(entry) ?? [];
    const maxEdge = Number(edge);
    if (thumbnailName.test(name) && maxEdge >= leastEdge && maxEdge <= mostEdge) {
      return { name, maxEdge, quality: defaultQuality, background: defaultBackground };
    }
    throw misconfigured(`${setting} may not hold ${entry}: expected such as small:320, ${leastEdge} to ${mostEdge}`);
  });
  if (rules.length > mostThumbnails) throw misconfigured(`${setting} may hold at most ${mostThumbnails}`);
  if (new Set(rules.map(({ name }) => name)).size < rules.length) throw misconfigured(`${setting} has a name twice`);
  return rules;
}

/** `bytes:1000000000, files:500`, or one of the two. Empty: no quota. */
export function quotaSetting(setting: string, value: unknown): Pick<Quota, "maxBytes" | "maxFiles"> {
  const limits = new Map<string, number>();
  for (const entry of entriesOf(textSetting(setting, value))) {
    const [, what = "", amount = ""] = /^(bytes|files):([1-9]\d{0,14})$/.exec(entry) ?? [];
    if (what === "")
      throw misconfigured(`${setting} may not hold ${entry}: expected such as bytes:1000000000, files:500`);
    if (limits.has(what)) throw misconfigured(`${setting} has ${what} twice`);
    limits.set(what, Number(amount));
  }
  const [maxBytes, maxFiles] = [limits.get("bytes"), limits.get("files")];
  return { ...(maxBytes === undefined ? {} : { maxBytes }), ...(maxFiles === undefined ? {} : { maxFiles }) };
}

/** Empty for what is not set. */
export function textSetting(name: string, value: unknown): string {
  if (value === undefined) return "";
  if (typeof value !== "string") throw misconfigured(`${name} must be text`);
  return value.trim();
}
