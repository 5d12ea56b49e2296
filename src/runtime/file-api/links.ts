/**
 * The links of a file, for its owner: issue one with limits, see those that were issued, end them all. Knows nothing of
 * how a link is signed or checked.
 */
import type { FileRecord } from "../files/record.ts";
import type { LinkRecord, LinkTerms } from "../links/link.ts";
import { readAddress } from "../client-address.ts";
import { isDisposition } from "../media/disposition.ts";
import { MAX_DOWNLOADS, MAX_LINK_SECONDS } from "../links/parameters.ts";
import { openBody } from "../body/incoming-body.ts";
import type { Json } from "../../contract/plan.ts";
import { Problem } from "../../contract/problem.ts";
import { receptionOf, type FileApiCall } from "./file-api-call.ts";
import { findReadable } from "./one-file.ts";

/** The newest links that are listed. */
const MAX_LISTED = 1000;
/** Longer than any file's name, encoded. */
const MAX_DISPOSITION_LENGTH = 2048;

/** @throws Problem `payload_invalid`, `file_not_found`, `file_expired` */
export async function issueLink(call: FileApiCall, id: string): Promise<Json> {
  const { request, services } = call;
  const body = await openBody(request, "json", receptionOf(call));
  await body.readFields();
  const terms = readTerms(body.payload);
  const file = await findReadable(call, id);
  const { url, link, recording } = await services.links.issue(file, terms);
  await services.database.batch([recording]);
  return { url, ...toDocument({ ...link, downloads: 0 }, "live") };
}

/** What was issued for the file, newest first; an address is in none of it. @throws Problem as `issueLink` */
export async function listLinks(call: FileApiCall, id: string): Promise<Json> {
  const { owner, services } = call;
  const file = await findReadable(call, id);
  const [links, ownerEpoch] = await Promise.all([
    services.links.registry.list(owner, file.id, MAX_LISTED),
    services.links.registry.epochOf(owner),
  ]);
  return links.map((link) => toDocument(link, stateOf(link, file, ownerEpoch, services.now)));
}

/** Ends every link of the file that this runtime answers. @throws Problem as `issueLink` */
export async function revokeFileLinks(call: FileApiCall, id: string): Promise<Json> {
  const { owner, services } = call;
  const file = await findReadable(call, id);
  // Deleted or expired since it was looked at.
  const isRevoked = await services.links.registry.revokeFile(owner, file.id, services.now.toISOString());
  if (!isRevoked) throw new Problem("file_not_found");
  return { revoked: "file", id: file.id };
}

/** Ends every link of the caller's files that this runtime answers. */
export async function revokeOwnLinks({ owner, services }: FileApiCall): Promise<Json> {
  await services.links.registry.revokeOwner(owner);
  return { revoked: "owner" };
}

type LinkState = "live" | "expired" | "revoked" | "used_up";

function stateOf(link: LinkRecord, file: FileRecord, ownerEpoch: number, now: Date): LinkState {
  if (now >= new Date(link.expiresAt)) return "expired";
  if (link.kind === "r2") return "live";
  if (link.epoch !== file.linkEpoch + ownerEpoch) return "revoked";
  return link.maxDownloads !== null && link.downloads >= link.maxDownloads ? "used_up" : "live";
}

function toDocument(link: LinkRecord, state: LinkState): { readonly [name: string]: Json } {
  return {
    id: link.id,
    kind: link.kind,
    state,
    issued_at: link.issuedAt,
    expires_at: link.expiresAt,
    max_downloads: link.maxDownloads,
    downloads: link.maxDownloads === null ? null : link.downloads,
    ip: link.boundIp,
    requested_from: link.clientIp,
    request_id: link.requestId,
  };
}

/** Reads the limits that the body asks for; none of them must be there. */
function readTerms(payload: Json): Partial<LinkTerms> {
  if (payload === null) return {};
  if (typeof payload !== "object" || Array.isArray(payload)) throw refuse("body", "must be a JSON object");
  return Object.assign({}, ...Object.entries(payload).map(([name, value]) => readTerm(name, value)));
}

function readTerm(name: string, value: Json): Partial<LinkTerms> {
  switch (name) {
    case "expires":
      return { expiresSeconds: readWhole(name, value, MAX_LINK_SECONDS) };
    case "max_downloads":
      return { maxDownloads: value === null ? null : readWhole(name, value, MAX_DOWNLOADS) };
    case "ip": {
      const address = typeof value === "string" ? readAddress(value) : null;
      if (value !== null && address === null) throw refuse(name, "must be one IPv4 or IPv6 address");
      return { address };
    }
    case "disposition":
      if (value === null) return { disposition: null };
      if (typeof value === "string" && value.length <= MAX_DISPOSITION_LENGTH && isDisposition(value))
        return { disposition: value };
      throw refuse(name, 'must be inline or attachment, with a file name such as attachment; filename="a.png"');
    default:
      throw refuse(name.slice(0, 60), "is unknown; known are expires, max_downloads, ip, disposition");
  }
}

function readWhole(name: string, value: Json, most: number): number {
  if (typeof value === "number" && Number.isInteger(value) && value >= 1 && value <= most) return value;
  throw refuse(name, `must be a whole number from 1 to ${most}`);
}

function refuse(field: string, fault: string): Problem {
  return new Problem("payload_invalid", { detail: `"${field}" ${fault}.`, members: { field } });
}
