/**
 * The Durable Object that counts the calls of one identifier on one endpoint. It has one row, which lives as long as the
 * window, and its clock alone says when that ends.
 */
import { DurableObject } from "cloudflare:workers";

export interface RateVerdict {
  readonly isAllowed: boolean;
  /** Calls that are left in the window. */
  readonly remaining: number;
  /** Until the window ends. */
  readonly milliseconds: number;
}

interface Window {
  /** Milliseconds since 1970, as `ends`. */
  readonly starts: number;
  readonly ends: number;
  readonly count: number;
}

const ROW = "window";

export class RateLimiter extends DurableObject {
  /** Counts a call if it is allowed; the first one begins a window. The limit may change within it, and its length too. */
  async take(limit: number, length: number): Promise<RateVerdict> {
    const { kv } = this.ctx.storage;
    const now = Date.now();
    const kept = kv.get<Window>(ROW);
    const current = kept !== undefined && now < kept.starts + length ? kept : { starts: now, ends: 0, count: 0 };
    // A clock that was set back neither begins a window early nor prolongs one beyond its length from now.
    const starts = Math.min(current.starts, now);
    const ends = starts + length;
    const isAllowed = current.count < limit;
    const count = current.count + (isAllowed ? 1 : 0);
    if (isAllowed || ends !== current.ends) kv.put<Window>(ROW, { starts, ends, count });
    if (ends !== current.ends) await this.ctx.storage.setAlarm(ends);
    return { isAllowed, remaining: Math.max(0, limit - count), milliseconds: ends - now };
  }

  /** Clears the storage, so that nothing is left of who does not call any more. */
  override async alarm(): Promise<void> {
    const { storage } = this.ctx;
    const ends = storage.kv.get<Window>(ROW)?.ends ?? 0;
    // The clock was set back meanwhile.
    if (Date.now() < ends) await storage.setAlarm(ends);
    else await storage.deleteAll();
  }
}
