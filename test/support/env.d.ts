declare namespace Cloudflare {
  interface Env {
    /** The SQL of migrations/d1, in order. */
    TEST_MIGRATIONS: string[];
  }
}
