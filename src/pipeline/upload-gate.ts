/**
 * Counts the uploads that run in this isolate: they share its 128 MB
 * (https://developers.cloudflare.com/workers/platform/limits/#memory). Lives as long as the isolate.
 */
import { Problem } from "../problem.ts";
import type { UploadGate } from "./services.ts";

export function createUploadGate(maxConcurrent: number): UploadGate {
  let running = 0;
  return {
    enter() {
      if (running >= maxConcurrent) {
        throw new Problem("overloaded", { detail: "Try again in a few seconds.", headers: { "Retry-After": "3" } });
      }
      running += 1;
      return () => {
        running -= 1;
      };
    },
  };
}
