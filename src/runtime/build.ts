/** What is built into a Worker: compiled plans, a database, and the features that not every deployment uses. */
import type { FeatureName } from "../contract/features.ts";
import type { JobPriority, Json, Plan } from "../contract/plan.ts";
import { majorVersion } from "../contract/release.ts";
import { Problem } from "../contract/problem.ts";
import type { JobWriting, LinkOpening, PlanFeatures } from "./call/features.ts";
import type { Call } from "./call/call.ts";
import type { Engine } from "./database/engine.ts";
import type { Deployment, Installation } from "./deployment.ts";
import type { Hooks } from "./hooks.ts";
import type { admit, RunOptions } from "./pipeline/run.ts";
import { routeExactly, type Routing } from "./http/exact-routes.ts";

/** What `sluice build` writes into .sluice. */
export interface Build {
  /** The package's that wrote it: see contract/release. */
  readonly version: string;
  readonly plans: readonly Plan[];
  readonly engine: Engine;
  readonly features: Partial<Features>;
}

/** The features that are bundled only where plans, or the deployment, ask for them. */
export interface Features extends PlanFeatures {
  readonly background: BackgroundWork;
  readonly fileApi: FileApi;
  /** `methods`, and names in resources: see routes/routing. */
  readonly routing: Routing;
  readonly resumable: ResumableUploads;
  readonly uploadLinks: UploadLinks;
}

/** `links` of an UPLOAD: see upload-links/upload-links. */
export interface UploadLinks extends LinkOpening {
  /** What is asked for below the address of an endpoint that gives links; null: the path is none's. */
  find(path: string, planAt: PlanAt): LinkRoute | null;
}

/** The endpoint that takes calls of this method at a path. */
export type PlanAt = (path: string, method: string) => Plan | undefined;

export interface LinkRoute {
  readonly methods: readonly string[];
  /** @throws Problem */
  answer(request: Request, call: Call): Promise<Response>;
}

/** FILE_API: see file-api/answer-file-api. */
export interface FileApi {
  /** @param path below where the app is mounted */
  (request: Request, path: string, call: Call): Promise<Response>;
  /** FILE_API_RESUMABLE, where the Worker was built with it: whether files come in pieces at this path, without its leading slash. */
  takesPieces?(path: string): boolean;
}

/** `resumable`: see resumable/resumable. */
export interface ResumableUploads {
  /** Adds what OPTIONS tells of a path. @param path as of endpoints: without its leading slash */
  describe(path: string, installed: Pick<Installed, "plans" | "fileApi">, headers: Headers): void;
  isCreation(plan: Plan, request: Request): boolean;
  /** @param who tells who calls; absent: the plan's token */
  create(plan: Plan, request: Request, call: Call, answer: AnswerCall, who?: typeof admit): Promise<Response>;
  /** Answers for an upload. @param path below where the app is mounted */
  serve(request: Request, path: string, call: Call, answer: AnswerCall): Promise<Response>;
}

/** Carries out a call of an endpoint, and makes its answer. @throws Problem */
export type AnswerCall = (plan: Plan, request: Request, call: Call, options?: RunOptions) => Promise<Response>;

/** `run_in_background` and `cron_job`: see jobs/background-work. */
export interface BackgroundWork extends JobWriting {
  /** Sends the message of a job that has just become durable. Throws nothing but `misconfigured`. */
  announce(deployment: Deployment, job: AnnouncedJob): Promise<void>;
  /** A job as its owner may see it. @throws Problem `unauthorized`, `job_not_found` */
  show(call: Call, id: string, headers: Headers): Promise<Json>;
  /** Handles the messages that a queue delivers. */
  deliver(batch: Pick<MessageBatch, "messages" | "queue">, deployment: Deployment): Promise<void>;
  /** @throws Problem `misconfigured` where the plans have jobs that no queue of the deployment carries */
  check(deployment: Deployment): void;
  /** Handles the minute's cron trigger. @param minute its first millisecond */
  tick(deployment: Deployment, minute: number): Promise<void>;
}

export interface AnnouncedJob {
  readonly id: string;
  readonly priority: JobPriority;
  readonly delaySeconds: number;
}

/** A build that was checked: everything its plans need is there. */
export interface Installed extends Installation {
  readonly features: Omit<Features, "fileApi" | "resumable">;
  /** Null: nothing is resumable. */
  readonly resumable: ResumableUploads | null;
  /** Null: FILE_API was off when the Worker was built. */
  readonly fileApi: FileApi | null;
}

/**
 * One run of the compiler writes the plans and the features they use.
 * @throws Error where they come from two runs or from another version, so that nothing an ABI asks for is silently missing
 */
export function install({ version, plans, engine, features }: Build, hooks: Hooks): Installed {
  if (version !== majorVersion) {
    throw new Error(`.sluice was written by sluice ${version}, and this is ${majorVersion}: run "sluice build"`);
  }
  for (const { id, uses = [] } of plans) {
    const name = uses.find((one) => features[one as FeatureName] === undefined);
    if (name === undefined) continue;
    throw new Error(`${id} uses ${name}, which this Worker was built without: run "sluice build"`);
  }
  // What only a plan asks for is there if one does.
  const installed = { ...standIns, ...features } as Installed["features"];
  const { fileApi = null, resumable = null } = features;
  return { plans, engine, features: installed, fileApi, resumable, hooks };
}

/** What a sweep, a queue or a page asks of a feature, whether or not a plan uses it. */
const standIns: StandIns = {
  background: {
    // Without background work no endpoint has jobs, so no token opens one.
    show: async () => {
      throw new Problem("job_not_found");
    },
    /** Messages of an earlier deployment: their jobs' rows stay, and a deployment that has such an ABI again finds them. */
    deliver: async ({ messages, queue }, { log }) => {
      log("warn", "jobs_left_waiting", { queue, messages: messages.length });
      for (const message of messages) message.ack();
    },
    check: () => undefined,
    tick: async () => undefined,
  },
  routing: routeExactly,
  thumbnails: {
    // Those of an earlier deployment are left to the comparison of bucket and registry.
    storeWith: (store) => store,
    open: () => null,
    makeWanted: async () => 0,
    // A link of an earlier deployment opens its thumbnail and never the file.
    asked(_, verdict) {
      if ((verdict?.thumbnail ?? null) !== null) throw new Problem("link_invalid", { reason: "thumbnails are off" });
      return null;
    },
    linkTo: async () => null,
    describe: async () => ({}),
  },
  // Counts and links of an earlier deployment stay until it has such an ABI again.
  quotas: { forget: async () => 0 },
  uploadLinks: { find: () => null, forget: async () => 0 },
  // What an earlier deployment revoked is past remembering in time.
  revocation: { forget: async () => 0 },
};

interface StandIns {
  readonly background: Pick<Features["background"], "show" | "deliver" | "check" | "tick">;
  readonly routing: Features["routing"];
  readonly thumbnails: Pick<
    Features["thumbnails"],
    "storeWith" | "open" | "makeWanted" | "asked" | "linkTo" | "describe"
  >;
  readonly quotas: Pick<Features["quotas"], "forget">;
  readonly uploadLinks: Pick<Features["uploadLinks"], "find" | "forget">;
  readonly revocation: Pick<Features["revocation"], "forget">;
}
