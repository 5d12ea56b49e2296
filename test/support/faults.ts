/** Bindings that fail at a chosen call and otherwise are the real ones. */

export interface FaultyBucket {
  readonly bucket: R2Bucket;
  /** Multipart uploads that were begun and neither completed nor aborted. */
  open(): number;
}

/** A bucket whose multipart uploads fail at this part, counted from 1. */
export function failingParts(bucket: R2Bucket, part: number): FaultyBucket {
  let open = 0;
  const faulty = new Proxy(bucket, {
    get(target, name: keyof R2Bucket) {
      if (name !== "createMultipartUpload") return bind(target, name);
      return async (key: string, options: R2MultipartOptions) => {
        const upload = await target.createMultipartUpload(key, options);
        open += 1;
        return {
          uploadId: upload.uploadId,
          uploadPart: (number: number, bytes: ArrayBufferView) =>
            number === part ? Promise.reject(new Error("injected")) : upload.uploadPart(number, bytes),
          complete: async (parts: R2UploadedPart[]) => {
            open -= 1;
            return upload.complete(parts);
          },
          abort: async () => {
            open -= 1;
            await upload.abort();
          },
        };
      };
    },
  });
  return { bucket: faulty, open: () => open };
}

/** A database whose batch number `call` (from 1) fails before or after it was run. */
export function failingBatch(database: D1Database, call: number, moment: "before" | "after"): D1Database {
  let calls = 0;
  return new Proxy(database, {
    get(target, name: keyof D1Database) {
      if (name !== "batch") return bind(target, name);
      return async (statements: D1PreparedStatement[]) => {
        calls += 1;
        if (calls === call && moment === "before") throw new Error("D1_ERROR: injected");
        const results = await target.batch(statements);
        if (calls === call) throw new Error("D1_ERROR: injected");
        return results;
      };
    },
  });
}

/** A database that refuses statements of this form. */
export function refusingStatements(database: D1Database, form: RegExp): D1Database {
  return new Proxy(database, {
    get(target, name: keyof D1Database) {
      if (name !== "prepare") return bind(target, name);
      return (sql: string) => {
        if (form.test(sql)) throw new Error("injected");
        return target.prepare(sql);
      };
    },
  });
}

function bind<Target extends object>(target: Target, name: keyof Target): unknown {
  const member = target[name];
  return typeof member === "function" ? member.bind(target) : member;
}
