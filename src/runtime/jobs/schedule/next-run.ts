/** When a schedule is next due. All times are UTC. */
import type { Schedule } from "../../../contract/plan.ts";

const DAY_MILLISECONDS = 86_400_000;

/** The first time of the schedule after `after` and before `before`, all in milliseconds; null when there is none. */
export function nextRun(schedule: Schedule, after: number, before: number): number | null {
  // From the next whole second on.
  const from = Math.floor(after / 1000) * 1000 + 1000;
  for (let day = Math.floor(from / DAY_MILLISECONDS) * DAY_MILLISECONDS; day < before; day += DAY_MILLISECONDS) {
    if (!isDay(schedule, new Date(day))) continue;
    const fire = firstOfDay(schedule, day, from);
    if (fire !== null) return fire < before ? fire : null;
  }
  return null;
}

function isDay({ days, months, weekdays }: Schedule, date: Date): boolean {
  if (!months.includes(date.getUTCMonth() + 1)) return false;
  const isListedDay = days?.includes(date.getUTCDate());
  const isListedWeekday = weekdays?.includes(date.getUTCDay());
  if (isListedDay !== undefined && isListedWeekday !== undefined) return isListedDay || isListedWeekday;
  return isListedDay ?? isListedWeekday ?? true;
}

function firstOfDay({ hours, minutes, seconds }: Schedule, day: number, from: number): number | null {
  for (const hour of hours) {
    const hourStart = day + hour * 3_600_000;
    if (hourStart + 3_600_000 <= from) continue;
    for (const minute of minutes) {
      const minuteStart = hourStart + minute * 60_000;
      if (minuteStart + 60_000 <= from) continue;
      const second = seconds.find((value) => minuteStart + value * 1000 >= from);
      if (second !== undefined) return minuteStart + second * 1000;
    }
  }
  return null;
}
