/**
 * What Cloudflare charges for a million of each, in US dollars: the Workers Paid plan beyond what it includes, R2's standard
 * storage. Storing and sending are not in it: bytes that leave cost nothing, those that stay do.
 */
export interface Price {
  readonly title: string;
  readonly dollars: number;
  readonly source: string;
}

export const prices = {
  requests: {
    title: "requests",
    dollars: 0.3,
    source: "https://developers.cloudflare.com/workers/platform/pricing/#workers",
  },
  cpuMilliseconds: {
    title: "milliseconds of CPU",
    dollars: 0.02,
    source: "https://developers.cloudflare.com/workers/platform/pricing/#workers",
  },
  classA: {
    title: "class A operations of R2 (put, list, the calls of an upload in parts)",
    dollars: 4.5,
    source: "https://developers.cloudflare.com/r2/pricing/#r2-pricing",
  },
  classB: {
    title: "class B operations of R2 (get, head)",
    dollars: 0.36,
    source: "https://developers.cloudflare.com/r2/pricing/#r2-pricing",
  },
  rowsRead: {
    title: "rows read in D1",
    dollars: 0.001,
    source: "https://developers.cloudflare.com/d1/platform/pricing/#billing-metrics",
  },
  rowsWritten: {
    title: "rows written in D1, entries of indexes included",
    dollars: 1,
    source: "https://developers.cloudflare.com/d1/platform/pricing/#billing-metrics",
  },
  queueOperations: {
    title: "operations of Queues: a message written, read, deleted",
    dollars: 0.4,
    source: "https://developers.cloudflare.com/queues/platform/pricing/",
  },
} satisfies Readonly<Record<string, Price>>;

/** How many of each. */
export type Usage = Readonly<Record<keyof typeof prices, number>>;

/** Dollars for a million operations of which each uses that much. */
export function priceOf(usage: Usage): number {
  return Object.entries(prices).reduce((sum, [name, { dollars }]) => sum + dollars * usage[name as keyof Usage], 0);
}
