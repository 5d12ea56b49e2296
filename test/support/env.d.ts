import type { RateLimiter } from "../../src/runtime/rate-limits/rate-limiter.ts";
import type { ResumableUpload } from "../../src/runtime/resumable/object/resumable-upload.ts";

declare global {
  namespace Cloudflare {
    interface Env {
      /** The statements that make a new database. */
      TEST_MIGRATIONS: string[];
      /** Cloudflare's Images, simulated. */
      RENDERER: ImagesBinding;
      /** What counts calls. */
      RATE_LIMITS: DurableObjectNamespace<RateLimiter>;
      /** Of which each has the bytes of one upload. */
      RESUMABLE_UPLOADS: DurableObjectNamespace<ResumableUpload>;
    }
  }
}
