/**
 * The runtime that bench/round-trips.ts measures: `/<n>` tells of operation n what it waits for. Plain JavaScript because
 * bench/ is type-checked for Node, which lacks the platform's types.
 */
import { measureTrips } from "../test/support/round-trips/measure.ts";
import { operations } from "../test/support/round-trips/operations.ts";

export default {
  async fetch(request, env) {
    const operation = operations[Number(new URL(request.url).pathname.slice(1))];
    return Response.json(operation === undefined ? null : await measureTrips(operation, env));
  },
};
