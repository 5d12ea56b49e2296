/**
 * The query of a signed link: which parameters there are, their one spelling and their form. It knows nothing of keys
 * or time: what it reads is a claim until the signature is checked.
 */
import { Problem } from "../../contract/problem.ts";
import { ALGORITHM, readSigningDate, UNSIGNED_PAYLOAD } from "../sigv4.ts";
import { decodeStrictly } from "./file-url.ts";

/** SigV4's own parameters, S3's for the answer, and this runtime's. All are signed, but for the signature. */
export const PARAMETERS = {
  algorithm: "X-Amz-Algorithm",
  credential: "X-Amz-Credential",
  date: "X-Amz-Date",
  expires: "X-Amz-Expires",
  signedHeaders: "X-Amz-SignedHeaders",
  signature: "X-Amz-Signature",
  disposition: "response-content-disposition",
  type: "response-content-type",
  /** The epoch of the file, its owner and the deployment at issue; see files/link-registry. Absent = 0. */
  epoch: "X-Sluice-Epoch",
  /** The link's row in the audit table. */
  id: "X-Sluice-Link",
  /** The row counts downloads. */
  maxDownloads: "X-Sluice-Max-Downloads",
  /** `ip`: the link opens from one address only. */
  bind: "X-Sluice-Bind",
} as const;

/** Signed with a bound link but never part of it: each side adds the address that it knows. */
export const ADDRESS = "X-Sluice-Ip";
export const SIGNED_HEADERS = "host";
/** The longest life of a link, seven days: a signing key is derived for a day and S3 accepts it for a week. */
export const MAX_LINK_SECONDS = 604_800;
/** The most downloads that a link can count. */
export const MAX_DOWNLOADS = 1_000_000;

/** What the AWS SDK's presigner adds to every link: said of all our answers, so they change nothing. */
const inert: ReadonlyMap<string, readonly string[]> = new Map([
  ["X-Amz-Content-Sha256", [UNSIGNED_PAYLOAD]],
  ["x-amz-checksum-mode", ["ENABLED"]],
  ["x-id", ["GetObject", "HeadObject"]],
]);
const known: ReadonlySet<string> = new Set([...Object.values(PARAMETERS), ...inert.keys()]);

/** What a link says of itself. */
export interface LinkClaims {
  readonly signature: string;
  readonly credential: string;
  /** As the link spells it. */
  readonly datetime: string;
  readonly date: Date;
  readonly expiresSeconds: number;
  readonly disposition: string | null;
  readonly type: string | null;
  readonly epoch: number;
  readonly id: string | null;
  readonly isCounted: boolean;
  readonly isBound: boolean;
}

/** Any trace of a signature counts, however spelt: a link that lost or mangled one must not pass as a plain address. */
export function carriesSignature(url: URL): boolean {
  return url.search !== "" && [...url.searchParams.keys()].some((name) => /^x-(?:amz|sluice)-/i.test(name));
}

/** The known parameters, each at most once and in its one spelling. @throws Problem `link_invalid` */
export function readParameters(search: string): Map<string, string> {
  const parameters = new Map<string, string>();
  for (const pair of search.slice(1).split("&")) {
    const equals = pair.indexOf("=");
    const name = pair.slice(0, Math.max(equals, 0));
    const value = decodeStrictly(pair.slice(equals + 1));
    if (!known.has(name)) throw invalid("a parameter is unknown");
    if (value === null) throw invalid(`${name} is not encoded canonically`);
    if (inert.get(name)?.includes(value) === false) throw invalid(`${name} has another value than S3 clients send`);
    if (parameters.has(name)) throw invalid(`${name} is repeated`);
    parameters.set(name, value);
  }
  return parameters;
}

/** The link's own claims, checked in form only. @throws Problem `link_invalid` */
export function readClaims(parameters: ReadonlyMap<string, string>): LinkClaims {
  const read = (name: string): string => {
    const value = parameters.get(name);
    if (value === undefined) throw invalid(`${name} is missing`);
    return value;
  };
  if (read(PARAMETERS.algorithm) !== ALGORITHM) throw invalid("another algorithm");
  if (read(PARAMETERS.signedHeaders) !== SIGNED_HEADERS) throw invalid("other signed headers");
  const datetime = read(PARAMETERS.date);
  const date = readSigningDate(datetime);
  if (date === null) throw invalid("the date is malformed");
  const expiresSeconds = readCount(read(PARAMETERS.expires), MAX_LINK_SECONDS);
  if (expiresSeconds === null) throw invalid("the life is malformed or too long");
  const signature = read(PARAMETERS.signature);
  if (!/^[0-9a-f]{64}$/.test(signature)) throw invalid("the signature is malformed");
  const base = { signature, credential: read(PARAMETERS.credential), datetime, date, expiresSeconds };
  return { ...base, ...readOwnClaims(parameters) };
}

type OwnClaims = Pick<LinkClaims, "disposition" | "type" | "epoch" | "id" | "isCounted" | "isBound">;

function readOwnClaims(parameters: ReadonlyMap<string, string>): OwnClaims {
  const read = (name: string): string | null => parameters.get(name) ?? null;
  const epoch = read(PARAMETERS.epoch) ?? "0";
  if (!/^(?:0|[1-9]\d{0,14})$/.test(epoch)) throw invalid("the epoch is malformed");
  const id = read(PARAMETERS.id);
  if (id !== null && !/^[\w-]{21}$/.test(id)) throw invalid("the link's id is malformed");
  const maxDownloads = read(PARAMETERS.maxDownloads);
  const isCounted = maxDownloads !== null;
  if (isCounted && (id === null || readCount(maxDownloads, MAX_DOWNLOADS) === null)) {
    throw invalid("the count of downloads is malformed, or counts for no link");
  }
  const bind = read(PARAMETERS.bind);
  if (bind !== null && bind !== "ip") throw invalid("bound to something unknown");
  const disposition = read(PARAMETERS.disposition);
  return { disposition, type: read(PARAMETERS.type), epoch: Number(epoch), id, isCounted, isBound: bind !== null };
}

/** A whole number from 1 to `most` in its one spelling, else null. */
export function readCount(text: string, most: number): number | null {
  return /^[1-9]\d{0,8}$/.test(text) && Number(text) <= most ? Number(text) : null;
}

export function invalid(reason: string): Problem {
  return new Problem("link_invalid", { reason });
}
