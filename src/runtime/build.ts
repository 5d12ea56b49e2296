/**
 * What is built into a Worker: the compiled plans, the database, and of the runtime what not every deployment uses. The
 * files of src/generated say which. Knows nothing of how any of it works.
 */
import type { Database } from "./database/database.ts";
import type { Dialect } from "./database/dialect.ts";
import type { Engine } from "./database/engine.ts";
import type { PlanFeatures } from "./call/features.ts";
import type { JobOffice, Links, Services } from "./call/services.ts";
import type { JobPriority, Json, Plan } from "../contract/plan.ts";
import type { Settings } from "./settings.ts";

export interface Build {
  readonly plans: readonly Plan[];
  readonly engine: Engine;
  readonly features: Features;
}

/** What the bundle has only where plans, or the deployment, ask for it; null: nobody does. */
export interface Features extends PlanFeatures {
  readonly background: BackgroundWork | null;
  /** FILE_API: see file-api/answer-file-api. */
  readonly fileApi: ((request: Request, services: Services, settings: Settings) => Promise<Response>) | null;
}

/** `run_in_background` and `cron_job`: see jobs/background-work. */
export interface BackgroundWork {
  /** Takes what the calls of one request leave for later. */
  openOffice(options: OfficeOptions): JobOffice;
  /** Sends the message of a job that has just become durable. Never throws but for `misconfigured`. */
  announce(env: Env, build: Build, job: AnnouncedJob): Promise<void>;
  /** A job as its owner may see it. @throws Problem `unauthorized`, `job_not_found` */
  show(services: Services, build: Build, id: string, headers: Headers): Promise<Json>;
  /** What a queue delivers. */
  deliver(batch: Pick<MessageBatch, "messages" | "queue">, env: Env, build: Build): Promise<void>;
  /** What the minute's trigger does. @param minute its first millisecond */
  tick(env: Env, build: Build, minute: number): Promise<void>;
}

export interface OfficeOptions {
  readonly database: Database;
  readonly dialect: Dialect;
  /** Seconds that a message may take before it is taken for lost. */
  readonly resendSeconds: number;
  /** The call's address. */
  readonly url: string;
  readonly keep: Links["keep"];
}

export interface AnnouncedJob {
  readonly id: string;
  readonly priority: JobPriority;
  readonly delaySeconds: number;
}
