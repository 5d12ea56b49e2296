/**
 * A page of the open multipart uploads of a bucket, and the parser of its XML. That is read strictly and only as far as
 * S3 uses XML: no comments, no sections, no entities but XML's own.
 * https://docs.aws.amazon.com/AmazonS3/latest/API/API_ListMultipartUploads.html
 */
/** A multipart upload that was begun, and neither completed nor aborted. */
export interface OpenUpload {
  /** Any key: other programs may write to the bucket too. */
  readonly key: string;
  readonly uploadId: string;
  readonly initiated: Date;
}

/** The upload after which a page begins. */
export interface UploadMarker {
  readonly key: string;
  readonly uploadId: string;
}

export interface UploadPage {
  /** Ordered by key. */
  readonly uploads: readonly OpenUpload[];
  /** Where the next page begins; null: this is the last. */
  readonly next: UploadMarker | null;
}

/** The page that follows `after`; null begins. @throws Problem `storage_unavailable`, also for an answer that is none */
export type ListUploads = (after: UploadMarker | null) => Promise<UploadPage>;

const LIST =
  /^\s*(?:<\?xml\s[^<>]*\?>\s*)?<ListMultipartUploadsResult(?:\s[^<>]*)?>(.*)<\/ListMultipartUploadsResult>\s*$/s;
/** What this parser does not read: comments and sections, uploads that do not end or are empty. */
const STRANGE = /<!|<\/?Upload\b/;
const REFERENCE = /&(?:(amp|lt|gt|quot|apos)|#(\d{1,7})|#x([\da-fA-F]{1,6}));|&/g;
const CODES: Readonly<Record<string, number>> = { amp: 38, lt: 60, gt: 62, quot: 34, apos: 39 };

/** @throws Error for everything but a whole list */
export function readUploadPage(xml: string): UploadPage {
  const list = LIST.exec(xml)?.[1] ?? "";
  const [before = "", ...begun] = list.split("<Upload>");
  const pieces = begun.map((text) => splitAtEnd(text, "Upload"));
  const uploads = pieces.map(([upload]) => readUpload(upload));
  const rest = before + pieces.map(([, behind]) => behind).join("");
  const isTruncated = textOf(rest, "IsTruncated");
  const next = { key: textOf(rest, "NextKeyMarker"), uploadId: textOf(rest, "NextUploadIdMarker") };
  const isKnown = isTruncated === "false" || (isTruncated === "true" && next.key !== "");
  // Encoded keys would have to be decoded, and were not asked for.
  if (!isKnown || STRANGE.test(rest) || textOf(rest, "EncodingType") !== "") throw new Error("no whole list");
  return { uploads, next: isTruncated === "true" ? next : null };
}

function readUpload(xml: string): OpenUpload {
  const time = textOf(xml, "Initiated");
  const upload = { key: textOf(xml, "Key"), uploadId: textOf(xml, "UploadId"), initiated: new Date(time) };
  const isTime = /^[\d-]{10}T[\d:.]+Z$/.test(time) && !Number.isNaN(upload.initiated.getTime());
  if (!isTime || upload.key === "" || upload.uploadId === "" || STRANGE.test(xml)) throw new Error("no whole upload");
  return upload;
}

/** The content of the only element with that name; empty where there is none. */
function textOf(xml: string, name: string): string {
  const [, found, second] = xml.split(`<${name}>`);
  if (found === undefined) return "";
  const [written] = splitAtEnd(found, name);
  const text = written.replace(REFERENCE, (_, word?: string, decimal?: string, hexadecimal?: string) =>
    // Throws for what is not a code, such as that of a lone ampersand.
    String.fromCodePoint(CODES[word ?? ""] ?? Number(decimal ?? `0x${hexadecimal}`)),
  );
  if (second !== undefined || written.includes("<") || !text.isWellFormed()) throw new Error(`no ${name}`);
  return text;
}

/** What an element that has begun holds, and what follows its only end. */
function splitAtEnd(xml: string, name: string): readonly [held: string, behind: string] {
  const [held = "", behind, more] = xml.split(`</${name}>`);
  if (behind === undefined || more !== undefined) throw new Error(`no whole ${name}`);
  return [held, behind];
}
