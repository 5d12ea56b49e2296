/** The links of the files that a caller manages. */
import type { LinkOptions } from "../call/links.ts";
import type { Statement } from "../database/database.ts";
import type { FileRecord } from "../files/record.ts";
import type { RecordedLink } from "../links/issue.ts";
import type { LinkRecord, LinkTerms } from "../links/link.ts";
import { createManagedLinks, type ManagedLinks } from "../links/managed.ts";
import type { FileApiCall } from "./file-api-call.ts";

export const linksOf = ({ deployment }: FileApiCall): ManagedLinks =>
  createManagedLinks(deployment.database, deployment.dialect);

/** The caller's managed file in any status. */
export async function findManaged(call: FileApiCall, id: string): Promise<FileRecord | null> {
  const found = await linksOf(call).findManaged(call.owner, id);
  if (found === null) return null;
  call.links.issuer.noteEpoch(call.owner, found.epoch - found.file.linkEpoch);
  return found.file;
}

/**
 * A link to the caller's managed file, in one round trip with the look-up and further statements.
 * @throws Problem `row_missing` where the file cannot be read
 */
export async function issueManaged(
  call: FileApiCall,
  id: string,
  options: LinkOptions,
  also: readonly Statement[] = [],
): Promise<RecordedLink> {
  const { issuer } = call.links;
  const terms: LinkTerms = { expiresSeconds: call.deployment.settings.downloadLinkSeconds, ...options };
  const link = issuer.begin(terms);
  const { file, epoch } = await linksOf(call).record(link, call.owner, id, also);
  return issuer.sign(link, file, terms, epoch);
}

/** The address of an issued link, letter for letter. @param asked as it was asked for */
export async function signAgain(
  call: FileApiCall,
  file: FileRecord,
  link: LinkRecord,
  asked: LinkOptions,
): Promise<string> {
  const beganAt = Math.floor(Date.parse(link.issuedAt) / 1000);
  const expiresSeconds = Math.floor(Date.parse(link.expiresAt) / 1000) - beganAt;
  return (await call.links.issuer.sign(link, file, { ...asked, expiresSeconds }, link.epoch)).url;
}
