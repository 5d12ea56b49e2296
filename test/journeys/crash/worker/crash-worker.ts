/** The whole runtime with bindings that fail where a request says so, and a sweep that can be asked for. */
import { createSluice } from "../../../../src/index.ts";
import { ResumableUpload as Upload } from "../../../../src/runtime/resumable/object/resumable-upload.ts";
import { plans } from "../../../../.sluice/plans.ts";
import { buildOf, runSweep } from "../../../support/build.ts";
import {
  watchBucket,
  watchDatabase,
  watchObjects,
  watchStorage,
  type Watch,
} from "../../../support/watched-bindings.ts";
import { COURSE_PATH, EXPIRY_PATH, FAULTS_HEADER, type Course, type Fault } from "../fault.ts";
import { plansWithQuotas } from "./crash-plans.ts";
import { createInterrupter } from "./interrupter.ts";

const app = createSluice(buildOf(plansWithQuotas(plans)));

/** Of the last call: the runs follow each other, and the objects of uploads are in the same process. */
let calls: readonly string[] = [];
let underWay = new Set<Promise<unknown>>();
let interrupt: Watch = (_, make) => make();

interface CrashEnv extends Env {
  /** Whoever is asked there kills this process. */
  readonly KILLER: string;
  readonly RESUMABLE_UPLOADS: DurableObjectNamespace<ResumableUpload>;
}

/** What the runtime asks of the object of an upload. */
const methods = ["create", "show", "fetch", "progress", "assemble", "keepAnswer", "end", "expire"];

export class ResumableUpload extends Upload {
  constructor(context: DurableObjectState, env: CrashEnv) {
    const watch: Watch = (call, make) => interrupt(call, make);
    Object.defineProperty(context, "storage", { value: watchStorage(context.storage, watch) });
    super(context, { ...env, BUCKET: watchBucket(env.BUCKET, watch) });
  }

  /** As if its time had come. */
  expire(): Promise<void> {
    return this.alarm();
  }
}

export default {
  async fetch(request, env, context) {
    const { pathname } = new URL(request.url);
    if (pathname === "/sweep-now") {
      await runSweep(env);
      return new Response("swept");
    }
    if (pathname === COURSE_PATH) return Response.json({ calls, isOver: underWay.size === 0 } satisfies Course);
    const faults = JSON.parse(request.headers.get(FAULTS_HEADER) ?? "[]") as readonly Fault[];
    const kill = async (): Promise<never> => {
      await fetch(env.KILLER);
      return new Promise<never>(() => undefined);
    };
    const tasks = new Set<Promise<unknown>>();
    ({ calls, interrupt } = createInterrupter(faults, kill));
    underWay = tasks;
    const watched = new Proxy(context, {
      get: (target, name: keyof ExecutionContext) =>
        name !== "waitUntil"
          ? target[name]
          : (task: Promise<unknown>) => {
              tasks.add(task);
              target.waitUntil(task.finally(() => tasks.delete(task)));
            },
    });
    const objects = watchObjects(env.RESUMABLE_UPLOADS, methods, interrupt);
    if (pathname.startsWith(EXPIRY_PATH)) {
      await objects.get(objects.idFromString(pathname.slice(EXPIRY_PATH.length))).expire();
      return new Response(null, { status: 204 });
    }
    const bindings = {
      BUCKET: watchBucket(env.BUCKET, interrupt),
      DB: watchDatabase(env.DB, interrupt),
      RESUMABLE_UPLOADS: objects,
    };
    return app.fetch(request, { ...env, ...bindings } as Env, watched);
  },
} satisfies ExportedHandler<CrashEnv>;
