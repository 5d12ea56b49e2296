declare namespace Cloudflare {
  interface Env {
    /** The statements of migrations/d1, in order. */
    TEST_MIGRATIONS: string[];
    /** Cloudflare's Images, simulated. */
    RENDERER: ImagesBinding;
  }
}
