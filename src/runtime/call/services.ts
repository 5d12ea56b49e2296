/** What a plan may use while it runs. Made once per request by the app; the pipeline reads no globals. */
import type { IssuedLink } from "../links/issue.ts";
import type { LinkTarget, LinkTerms } from "../links/link.ts";
import type { LinkRegistry } from "../links/registry.ts";
import type { FileRegistry } from "../files/registry.ts";
import type { CallAccount } from "../admission/ledger.ts";
import type { Database, Statement } from "../database/database.ts";
import type { DocumentStore } from "../database/document-store.ts";
import type { ReadEnvironment } from "../secrets.ts";
import type { ObjectKey } from "../storage/object-key.ts";
import type { ObjectStore } from "../storage/object-store.ts";
import type { Deployment } from "../deployment.ts";
import type { Log } from "../log.ts";
import type { PlanFeatures } from "./features.ts";
import type { IdempotencyKeys } from "../idempotency/keys.ts";

/** Unless it is asked for, a link has the deployment's life and no other terms. */
export type LinkOptions = Partial<LinkTerms>;

export interface Links {
  /** The permanent address. */
  fileUrl(key: ObjectKey): string;
  /** A short-lived signed link, not recorded yet. */
  issue(file: LinkTarget, options?: LinkOptions): Promise<IssuedLink>;
  /** A short-lived signed address whose row is written. */
  downloadUrl(file: LinkTarget, options?: LinkOptions): Promise<string>;
  /** Text to keep of the value, in which no link that was issued here is legible. */
  readonly keep: (value: unknown) => string;
  /** What was kept, with new links in place of those; null where the file cannot be read any more. */
  revive(text: string): Promise<unknown>;
  /** What is remembered of links, and how they are revoked. */
  readonly registry: LinkRegistry;
}

export interface Services {
  readonly deployment: Deployment;
  readonly store: ObjectStore;
  readonly database: Database;
  /** The MongoDB server, opened at the first use. */
  readonly openDocuments: () => DocumentStore;
  readonly registry: FileRegistry;
  readonly links: Links;
  readonly idempotency: IdempotencyKeys;
  readonly features: PlanFeatures;
  /** The call's account with the isolate, once it is known whose call it is. Whoever made the services closes it. */
  readonly openAccount: (caller: string | null) => CallAccount;
  /** Secrets and variables of the deployment. */
  readonly environment: ReadEnvironment;
  /** The call's address. */
  readonly url: string;
  /** The caller's address in its one spelling; null where nothing says so. */
  readonly clientIp: string | null;
  /** The request's one moment. */
  readonly now: Date;
  /** Milliseconds that only grow, for timings. */
  readonly clock: () => number;
  readonly log: Log;
  /** Hangs up what was opened. Never throws. */
  readonly close: () => Promise<void>;
}
