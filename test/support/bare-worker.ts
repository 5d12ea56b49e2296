/** The Worker that the tests run in. They make the apps they call themselves, from plans of their own. */
export { RateLimiter } from "../../src/runtime/rate-limits/limit-calls.ts";

export { ResumableUpload } from "../../src/runtime/resumable/resumable.ts";

export default {
  fetch: () => new Response("test"),
  // Tests deliver messages by hand; what they sent is taken.
  queue: (batch) => batch.ackAll(),
} satisfies ExportedHandler;
