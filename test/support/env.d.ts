declare namespace Cloudflare {
  interface Env {
    /** The statements that make a new database. */
    TEST_MIGRATIONS: string[];
    /** Cloudflare's Images, simulated. */
    RENDERER: ImagesBinding;
  }
}
