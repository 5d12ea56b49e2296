/**
 * A deployment's bindings with a watcher around every call: the real ones otherwise. Every wait of the runtime that has
 * an effect outside is such a call.
 */

/** A call that the Worker makes and waits for. */
export interface BindingCall {
  readonly binding: "bucket" | "database" | "queue" | "object" | "storage";
  /** Of the method. */
  readonly name: string;
  readonly parameters: readonly unknown[];
}

/** Makes the call when it likes. What it resolves or rejects with is what the Worker sees. */
export type Watch = <Result>(call: BindingCall, make: () => Promise<Result>) => Promise<Result>;

export function watchBucket(bucket: R2Bucket, watch: Watch): R2Bucket {
  const watchUpload = (upload: R2MultipartUpload) => wrap(upload, ["uploadPart", "complete", "abort"], "bucket", watch);
  return wrap(bucket, ["put", "get", "head", "list", "delete"], "bucket", watch, {
    createMultipartUpload: async (...parameters: Parameters<R2Bucket["createMultipartUpload"]>) => {
      const call: BindingCall = { binding: "bucket", name: "createMultipartUpload", parameters };
      return watchUpload(await watch(call, () => bucket.createMultipartUpload(...parameters)));
    },
    resumeMultipartUpload: (key: string, id: string) => watchUpload(bucket.resumeMultipartUpload(key, id)),
  });
}

export function watchDatabase(database: D1Database, watch: Watch): D1Database {
  return wrap(database, ["exec", "dump"], "database", watch, {
    ...statementsOf(database, watch),
    withSession(...parameters: Parameters<D1Database["withSession"]>) {
      const session = database.withSession(...parameters);
      return wrap(session, [], "database", watch, statementsOf(session, watch));
    },
  });
}

export function watchQueue<Body>(queue: Queue<Body>, watch: Watch): Queue<Body> {
  return wrap(queue, ["send", "sendBatch"], "queue", watch);
}

/** @param names of the methods of its objects */
export function watchObjects<Objects extends DurableObjectNamespace>(
  objects: Objects,
  names: readonly string[],
  watch: Watch,
): Objects {
  // What a stub's methods are only its class knows.
  const stubOf = (id: DurableObjectId): object => objects.get(id);
  const get = (id: DurableObjectId) => wrap(stubOf(id) as Record<string, unknown>, names, "object", watch);
  return wrap(objects, [], "object", watch, { get });
}

/** Of a Durable Object: what it waits for. What SQLite does at once is durable before anything goes out behind it. */
export function watchStorage(storage: DurableObjectStorage, watch: Watch): DurableObjectStorage {
  return wrap(storage, ["setAlarm", "deleteAlarm", "deleteAll"], "storage", watch);
}

/** What a database and a session of it have in common. */
function statementsOf(owner: Pick<D1Database, "prepare" | "batch">, watch: Watch) {
  /** D1 takes its own statements only. */
  const originals = new WeakMap<D1PreparedStatement, D1PreparedStatement>();
  const watchStatement = (statement: D1PreparedStatement): D1PreparedStatement => {
    const watched = wrap(statement, ["first", "run", "all", "raw"], "database", watch, {
      bind: (...values: unknown[]) => watchStatement(statement.bind(...values)),
    });
    originals.set(watched, statement);
    return watched;
  };
  return {
    prepare: (sql: string) => watchStatement(owner.prepare(sql)),
    batch(statements: D1PreparedStatement[]) {
      const call: BindingCall = { binding: "database", name: "batch", parameters: [statements] };
      return watch(call, async () => owner.batch(statements.map((one) => originals.get(one) ?? one)));
    },
  };
}

/** The target whose named methods are watched; `replaced` stands in for others. */
function wrap<Target extends object>(
  target: Target,
  names: readonly (keyof Target & string)[],
  binding: BindingCall["binding"],
  watch: Watch,
  replaced: Readonly<Record<string, unknown>> = {},
): Target {
  return new Proxy(target, {
    get(_, name: keyof Target & string) {
      if (Object.hasOwn(replaced, name)) return replaced[name];
      const member: unknown = target[name];
      if (typeof member !== "function") return member;
      const call = (...parameters: unknown[]): unknown => Reflect.apply(member, target, parameters);
      return names.includes(name)
        ? (...parameters: unknown[]) => watch({ binding, name, parameters }, async () => call(...parameters))
        : call;
    },
  });
}
