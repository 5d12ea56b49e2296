/** Limits that the compiler checks and the Worker enforces. */

/** The longest delay of a queue's message: https://developers.cloudflare.com/queues/platform/limits/ */
export const maxDelaySeconds = 43_200;

/** The most elements of a list that a `multi` statement runs for in one call: keeps a batch within D1's limits. */
export const maxElements = 1000;

/** bcrypt's highest cost that is computed: more than two seconds of a Worker's processor for each password. */
export const maxBcryptCost = 15;
