/**
 * The query of a signed link: which parameters there are, and their form. What it reads is a claim until the signature is checked.
 */
import { Problem } from "../../contract/problem.ts";
import { ALGORITHM, readSigningDate, UNSIGNED_PAYLOAD } from "../sigv4.ts";
import { decodeComponent } from "./file-url.ts";
import { allTerms, gatherTerms, parseLimit, type Terms } from "./terms.ts";

/**
 * SigV4's own parameters, S3's for the answer, and this runtime's besides those of terms. All but the signature are
 * signed.
 */
export const PARAMETERS = {
  algorithm: "X-Amz-Algorithm",
  credential: "X-Amz-Credential",
  date: "X-Amz-Date",
  expires: "X-Amz-Expires",
  signedHeaders: "X-Amz-SignedHeaders",
  signature: "X-Amz-Signature",
  type: "response-content-type",
  /** The epoch of the file, its owner and the deployment at issue; see links/registry. Absent = 0. */
  epoch: "X-Sluice-Epoch",
  /** The link's row in the audit table. */
  id: "X-Sluice-Link",
} as const;

export const SIGNED_HEADERS = "host";
/** The longest lifetime of a link, seven days: a signing key is derived for a day and S3 accepts it for a week. */
export const MAX_LINK_SECONDS = 604_800;

/** What the AWS SDK's presigner adds to every link: true of all our answers, so it changes nothing. */
const inert: ReadonlyMap<string, readonly string[]> = new Map([
  ["X-Amz-Content-Sha256", [UNSIGNED_PAYLOAD]],
  ["x-amz-checksum-mode", ["ENABLED"]],
  ["x-id", ["GetObject", "HeadObject"]],
]);
const known: ReadonlySet<string> = new Set([
  ...Object.values(PARAMETERS),
  ...allTerms.map(([, { parameter }]) => parameter),
  ...inert.keys(),
]);

/** The claims of a link. */
export interface LinkClaims extends Terms {
  readonly signature: string;
  readonly credential: string;
  /** As the link spells it. */
  readonly datetime: string;
  readonly date: Date;
  readonly expiresSeconds: number;
  readonly type: string | null;
  readonly epoch: number;
  readonly id: string | null;
}

/** Any trace of a signature counts, however spelt: a link that lost or mangled one must not pass as a plain address. */
export function carriesSignature(url: URL): boolean {
  return url.search !== "" && [...url.searchParams.keys()].some((name) => /^x-(?:amz|sluice)-/i.test(name));
}

/**
 * The known parameters, each at most once, in whatever spelling: what is signed are their values. A plus sign is a
 * space, as programs write one that read the query as a form; a link never has one of its own.
 * @throws Problem `link_invalid`
 */
export function readLinkQuery(search: string): Map<string, string> {
  const parameters = new Map<string, string>();
  for (const pair of search.slice(1).split("&")) {
    const equals = pair.indexOf("=");
    const name = pair.slice(0, Math.max(equals, 0));
    const value = decodeComponent(pair.slice(equals + 1).replaceAll("+", " "));
    if (!known.has(name)) throw invalid("a parameter is unknown");
    if (value === null) throw invalid(`${name} is not encoded in UTF-8`);
    if (inert.get(name)?.includes(value) === false) throw invalid(`${name} has another value than S3 clients send`);
    if (parameters.has(name)) throw invalid(`${name} is repeated`);
    parameters.set(name, value);
  }
  return parameters;
}

/** The link's own claims in a request with these headers, checked in form only. @throws Problem `link_invalid` */
export function readClaims(parameters: ReadonlyMap<string, string>, headers: Headers): LinkClaims {
  const find = (name: string): string | null => parameters.get(name) ?? null;
  const read = (name: string): string => {
    const value = find(name);
    if (value === null) throw invalid(`${name} is missing`);
    return value;
  };
  if (read(PARAMETERS.algorithm) !== ALGORITHM) throw invalid("another algorithm");
  if (read(PARAMETERS.signedHeaders) !== SIGNED_HEADERS) throw invalid("other signed headers");
  const datetime = read(PARAMETERS.date);
  const date = readSigningDate(datetime);
  if (date === null) throw invalid("the date is malformed");
  const expiresSeconds = parseLimit(read(PARAMETERS.expires), MAX_LINK_SECONDS);
  if (expiresSeconds === null) throw invalid("the life is malformed or too long");
  const signature = read(PARAMETERS.signature);
  if (!/^[0-9a-f]{64}$/.test(signature)) throw invalid("the signature is malformed");
  const epoch = find(PARAMETERS.epoch) ?? "0";
  if (!/^(?:0|[1-9]\d{0,14})$/.test(epoch)) throw invalid("the epoch is malformed");
  const terms = gatherTerms(({ parameter, parse }) => {
    const text = find(parameter);
    const value = text === null ? null : parse(text, headers);
    if (text !== null && value === null) throw invalid(`${parameter} cannot be checked`);
    return value;
  });
  const id = terms.maxDownloads === null ? find(PARAMETERS.id) : read(PARAMETERS.id);
  if (id !== null && !/^[\w-]{21}$/.test(id)) throw invalid("the link's id is malformed");
  const credential = read(PARAMETERS.credential);
  const base = { signature, credential, datetime, date, expiresSeconds, epoch: Number(epoch), id };
  return { ...base, ...terms, type: find(PARAMETERS.type) };
}

export function invalid(reason: string): Problem {
  return new Problem("link_invalid", { reason });
}
