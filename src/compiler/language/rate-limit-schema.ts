/** The shape of `rate_limit`. */
import * as z from "zod";

const mostCalls = 1_000_000;
/** 31 days: whoever counts by the month. */
const longestWindow = 2_678_400;

export const rateLimit = z
  .strictObject({
    limit: z.int().min(1).max(mostCalls).describe("Calls that are taken in one window."),
    identifier: z
      .string()
      .describe(
        "What calls are counted by: $HEADER.ip, or a claim such as $PROTECTED.id; known before the body is read.",
      ),
    expires_after: z
      .int()
      .min(1)
      .max(longestWindow)
      .describe("Seconds that a window lasts. It begins with its first call."),
  })
  .describe("How many calls may be made in a window of time: more are answered with 429. Exact, for each identifier.");
