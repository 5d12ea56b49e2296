/** The Worker that the tests run in. They make the apps they call themselves, from plans of their own. */
import { RateLimiter as Limiter } from "../../src/runtime/rate-limits/limit-calls.ts";
import { ResumableUpload as Upload } from "../../src/runtime/resumable/resumable.ts";
import { noteObject } from "./made-objects.ts";

export class RateLimiter extends Limiter {
  constructor(...given: ConstructorParameters<typeof Limiter>) {
    super(...given);
    noteObject();
  }
}

export class ResumableUpload extends Upload {
  constructor(...given: ConstructorParameters<typeof Upload>) {
    super(...given);
    noteObject();
  }
}

export default {
  fetch: () => new Response("test"),
  // Tests deliver messages by hand; what they sent is taken.
  queue: (batch) => batch.ackAll(),
} satisfies ExportedHandler;
