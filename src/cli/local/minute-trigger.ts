/** Fires the cron trigger every minute, which wrangler does not: schedules, lost jobs and the sweep run locally too. */
import { everyMinute } from "../../contract/bindings.ts";

/** https://developers.cloudflare.com/workers/configuration/cron-triggers/#test-cron-triggers-locally */
export const TRIGGER_PATH = "/cdn-cgi/local/scheduled";

/** Pulls the trigger at the start of each minute until the process ends, which it does not hold up. */
export function startMinuteTrigger(origin: string): void {
  const wait = 60_000 - (Date.now() % 60_000);
  setTimeout(() => {
    // A server that is restarting misses one: what it would have done is caught up at the next.
    fetch(`${origin}${TRIGGER_PATH}?cron=${encodeURIComponent(everyMinute)}`)
      .then((response) => response.body?.cancel())
      .catch(() => undefined);
    startMinuteTrigger(origin);
  }, wait).unref();
}
