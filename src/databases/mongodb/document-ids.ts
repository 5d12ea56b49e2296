/** Creates the ids of new documents, so that documents sort by id in the order of insertion. */
import { ObjectId } from "mongodb";

/** Returns the next id at each call. */
export type NextId = () => ObjectId;

const COUNTER_LIMIT = 2 ** 16;

/**
 * Four bytes of seconds, as in every ObjectId (https://www.mongodb.com/docs/manual/reference/bson-types/#objectid).
 * Where a driver has five random bytes and a counter with a random start, these have ten bits of milliseconds, 38
 * random bits and a counter from zero: so ids follow the requests' times, and within a request the order of insertion.
 */
export function createDocumentIds(now: Date): NextId {
  const milliseconds = now.getTime();
  const start = new Uint8Array(12);
  crypto.getRandomValues(start);
  const view = new DataView(start.buffer);
  view.setUint32(0, Math.floor(milliseconds / 1000));
  view.setUint16(4, ((milliseconds % 1000) << 6) | (view.getUint8(5) & 0b11_1111));
  let counter = 0;
  return () => {
    // No request has that many documents: see the limit of `multi`.
    if (counter === COUNTER_LIMIT) throw new Error("A request has no ids left");
    view.setUint16(10, counter);
    counter += 1;
    return new ObjectId(start.slice());
  };
}
