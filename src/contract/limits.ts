/** Limits that the compiler checks and the Worker keeps. */

/** Of a queue's message: https://developers.cloudflare.com/queues/platform/limits/ */
export const maxDelaySeconds = 43_200;

/** Elements of a list that a `multi` statement runs for in one call: keeps a batch within D1's limits. */
export const maxElements = 1000;
