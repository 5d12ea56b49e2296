/** What a plan may use while it runs. Made once per request by the app; the pipeline reads no globals. */
import type { FileRegistry } from "../files/registry.ts";
import type { ColorReader } from "../image/images-binding.ts";
import type { ImageLimits } from "../image/sampler.ts";
import type { Database } from "../database/database.ts";
import type { ObjectKey } from "../storage/object-key.ts";
import type { ObjectStore } from "../storage/object-store.ts";

/** Limits of the deployment, over those of a plan. Bytes. */
export interface RequestLimits {
  readonly maxRequestBytes: number;
  readonly maxJsonBytes: number;
  readonly maxFieldBytes: number;
  readonly maxParts: number;
  /** The longest wait for the body's next bytes. */
  readonly maxIdleMilliseconds: number;
}

export interface Links {
  /** The permanent address. */
  fileUrl(key: ObjectKey): string;
  /** A short-lived signed address. */
  downloadUrl(key: ObjectKey): Promise<string>;
}

/** Counts the uploads that run in this isolate, whose memory they share. */
export interface UploadGate {
  /** Takes a place and resolves to what gives it back. @throws Problem `overloaded` */
  enter(): () => void;
}

export interface Services {
  readonly store: ObjectStore;
  readonly database: Database;
  readonly registry: FileRegistry;
  readonly links: Links;
  readonly gate: UploadGate;
  readonly limits: RequestLimits;
  readonly imageLimits: Partial<ImageLimits>;
  /** Colours of formats that are not decoded here; null without an Images binding. */
  readonly readColors: ColorReader | null;
  /** A secret or variable of the deployment by name. @throws Problem `misconfigured` when it is missing */
  readonly environment: (name: string) => string;
  /** The request's one moment. */
  readonly now: Date;
  /** Milliseconds that only grow, for timings. */
  readonly clock: () => number;
  /** One structured line. Never a secret, a token or a bound value. */
  readonly log: (event: string, details: Readonly<Record<string, unknown>>) => void;
}
