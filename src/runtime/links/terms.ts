/**
 * The terms that a link can have besides its lifetime: one entry for each, from its name in the file API to its column
 * in the audit table. Whatever issues, signs, checks, stores or lists links uses this table.
 */
import { thumbnailName } from "../../contract/limits.ts";
import type { Json } from "../../contract/plan.ts";
import type { TableRow } from "../../contract/tables.ts";
import { clientAddress, readAddress } from "../client-address.ts";
import { isDisposition } from "../media/disposition.ts";

type Value = string | number;

interface Term<Kind extends Value> {
  /** In the file API. */
  readonly name: string;
  /** The value in canonical form; null: it is not valid. */
  readonly read: (value: Json) => Kind | null;
  /** The expected form, for whoever sent something else. */
  readonly form: string;
  /** In the link's query, where all is signed. */
  readonly parameter: string;
  /** The value that the parameter stands for, in a request with these headers; null: the link is invalid. */
  readonly parse: (text: string, headers: Headers) => Kind | null;
  /** What the link says in place of a value that it must not reveal. */
  readonly says?: string;
  /** The parameter in which such a value is signed without being sent: each side adds what it knows. */
  readonly hidden?: string;
  /** In the audit table; absent: not kept. */
  readonly column?: keyof TableRow<"links">;
  /** R2's own links can have it too. */
  readonly isForR2?: boolean;
}

/** The most downloads that a link can count. */
const MAX_DOWNLOADS = 1_000_000;
/** Longer than any file's name, encoded. */
const MAX_DISPOSITION_LENGTH = 2048;

export const terms = {
  /** Counted in the link's row. */
  maxDownloads: {
    name: "max_downloads",
    read: (value) => readLimit(value, MAX_DOWNLOADS),
    form: formOfLimit(MAX_DOWNLOADS),
    parameter: "X-Sluice-Max-Downloads",
    parse: (text) => parseLimit(text, MAX_DOWNLOADS),
    column: "max_downloads",
  } satisfies Term<number>,
  /** The only address that the link opens from, as `readAddress` writes it. */
  address: {
    name: "ip",
    read: (value) => (typeof value === "string" ? readAddress(value) : null),
    form: "must be one IPv4 or IPv6 address",
    parameter: "X-Sluice-Bind",
    parse: (text, headers) => (text === "ip" ? clientAddress(headers) : null),
    says: "ip",
    hidden: "X-Sluice-Ip",
    column: "bound_ip",
  } satisfies Term<string>,
  /** The disposition of the answer, in place of the default for the file's type. */
  disposition: {
    name: "disposition",
    read: (value) =>
      typeof value === "string" && value.length <= MAX_DISPOSITION_LENGTH && isDisposition(value) ? value : null,
    form: 'must be inline or attachment, with a file name such as attachment; filename="a.png"',
    parameter: "response-content-disposition",
    // Others sign links too: what they ask for is checked when it is answered.
    parse: (text: string): string | null => text,
    isForR2: true,
  } satisfies Term<string>,
  /** The thumbnail of the file that the link opens in place of the file. */
  thumbnail: {
    name: "thumbnail",
    read: readThumbnailName,
    form: "must be the name of a thumbnail",
    parameter: "thumbnail",
    parse: readThumbnailName,
  } satisfies Term<string>,
};

type TermName = keyof typeof terms;

/** Null: the link says nothing of it. */
export type Terms = { readonly [Name in TermName]: ReturnType<(typeof terms)[Name]["read"]> };

/** Each with its key in `Terms`, in the order above; the cast gives back what `entries` forgets. */
export const allTerms = Object.entries(terms) as readonly (readonly [TermName, Term<Value>])[];

/** The terms with their values, one by one. */
export function gatherTerms(valueOf: (term: Term<Value>) => Value | null): Terms {
  return Object.fromEntries(allTerms.map(([name, term]) => [name, valueOf(term)])) as Terms;
}

export const noTerms = gatherTerms(() => null);

/** The terms that are asked for, each with its value. */
export function saidOf(asked: Partial<Terms>) {
  return allTerms.flatMap(([key, term]) => {
    const value = asked[key] ?? null;
    return value === null ? [] : [{ ...term, value }];
  });
}

/** What is signed with the link's query without being part of it. */
export function hiddenOf(asked: Partial<Terms>): (readonly [name: string, value: string])[] {
  return saidOf(asked).flatMap(({ hidden, value }) => (hidden === undefined ? [] : [[hidden, String(value)]]));
}

/** The terms that the audit stores, by column or by the file API's names. */
export function keptOf(link: Terms, by: "column" | "name"): Readonly<Record<string, Value | null>> {
  const kept = allTerms.flatMap(([key, { column, name }]) =>
    column === undefined ? [] : [[by === "column" ? column : name, link[key]] as const],
  );
  return Object.fromEntries(kept);
}

function readThumbnailName(value: Json): string | null {
  return typeof value === "string" && thumbnailName.test(value) ? value : null;
}

/** Downloads are as many bytes as the file has: those of a thumbnail cannot be counted. */
export const areTogether = ({ maxDownloads, thumbnail }: Partial<Terms>): boolean =>
  (maxDownloads ?? null) === null || (thumbnail ?? null) === null;

/** A whole number from 1 to `most`, else null. */
export function readLimit(value: Json, most: number): number | null {
  return typeof value === "number" && Number.isInteger(value) && value >= 1 && value <= most ? value : null;
}

/** The same, from its canonical text. */
export function parseLimit(text: string, most: number): number | null {
  return /^[1-9]\d*$/.test(text) ? readLimit(Number(text), most) : null;
}

/** What `readLimit` takes, in words. */
export function formOfLimit(most: number): string {
  return `must be a whole number from 1 to ${most}`;
}
