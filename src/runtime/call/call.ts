/** What one call may use: its deployment and its own state. The pipeline reads no globals. */
import type { CallAccount } from "../admission/ledger.ts";
import type { Deployment } from "../deployment.ts";
import { createFileRegistry, type FileRegistry } from "../files/registry.ts";
import type { OpenedDocuments } from "./features.ts";
import { createCallLinks, type CallLinks } from "./links.ts";

/** What is known of a call before its request is read. */
export interface CallIdentity {
  readonly id: string;
  /** What the addresses in its answers begin with: scheme, host, and the path that the app is mounted at, or PUBLIC_BASE_URL. */
  readonly base: string;
  /** The caller's address in its one spelling; null where nothing says so. */
  readonly clientIp: string | null;
  /** The time of the call, one for all of it. */
  readonly now: Date;
  /** Sets a header field of the answer, also where that will be a refusal. */
  readonly setField: (name: string, value: string) => void;
  /** Opens the call's account with the isolate, once its caller is known. Whoever made the call closes it. */
  readonly openAccount: (caller: string | null) => CallAccount;
}

export interface Call extends CallIdentity {
  readonly deployment: Deployment;
  readonly files: FileRegistry;
  readonly links: CallLinks;
  /** Whether a token of a revocable kind was revoked. */
  readonly isRevoked: (token: string) => Promise<boolean>;
  /** The MongoDB server, opened at the first use. */
  readonly openDocuments: () => OpenedDocuments;
  /** Closes what was opened. Never throws. */
  readonly close: () => Promise<void>;
}

export function createCall(deployment: Deployment, identity: CallIdentity): Call {
  const { database, dialect, features } = deployment;
  const { id, base, clientIp, now } = identity;
  let documents: OpenedDocuments | null = null;
  return {
    ...identity,
    deployment,
    files: createFileRegistry(database, dialect),
    links: createCallLinks(deployment, { base, now, requestId: id, clientIp }),
    isRevoked: (token) => features.revocation.isRevoked(token, deployment),
    openDocuments: () => (documents ??= features.documents.open(deployment, now)),
    close: async () => documents?.close(),
  };
}
