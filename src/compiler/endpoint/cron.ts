/** Finds `cron_job` and reads the six fields of its expression: second, minute, hour, day, month, weekday. */
import type { Schedule } from "../../contract/plan.ts";
import type { Abi } from "../language/schema.ts";
import { pointerStep } from "../text/diagnostic.ts";

interface CronPlace {
  readonly interval: string;
  readonly place: string;
  /** The actionable that it stands on, by its index; null = the endpoint. */
  readonly on: number | null;
}

/** All places of an endpoint that say when it runs: the endpoint first. */
export function cronPlaces({ cron_job: own, actionables }: Abi): readonly CronPlace[] {
  const holders = [{ job: own, place: "", on: null as number | null }].concat(
    actionables.map(({ cron_job: job }, on) => ({ job, place: `/actionables${pointerStep(on)}`, on })),
  );
  return holders.flatMap(({ job, place, on }) =>
    job === undefined ? [] : [{ interval: job.execution_interval, place: `${place}/cron_job`, on }],
  );
}

/** When an endpoint runs by itself, wherever that stands; null = never. */
export const cronOf = (abi: Abi): CronPlace | null => cronPlaces(abi)[0] ?? null;

/** What runs by time is called by nobody, unless callers can prove who they are. */
export const isCallable = (abi: Abi): boolean => abi.protected !== undefined || cronOf(abi) === null;

export type CronReading =
  { readonly schedule: Schedule; readonly fault: null } | { readonly schedule: null; readonly fault: string };

interface Field {
  readonly name: string;
  readonly least: number;
  readonly most: number;
  /** Names of the values, in order from `least`. */
  readonly names: readonly string[];
}

const months = ["JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC"];
const weekdays = ["SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT"];

const fields: readonly Field[] = [
  { name: "second", least: 0, most: 59, names: [] },
  { name: "minute", least: 0, most: 59, names: [] },
  { name: "hour", least: 0, most: 23, names: [] },
  { name: "day", least: 1, most: 31, names: [] },
  { name: "month", least: 1, most: 12, names: months },
  // Sunday is 0 and 7, as in crontab(5).
  { name: "weekday", least: 0, most: 7, names: weekdays },
];

const form = 'expected six fields, "second minute hour day month weekday", such as "0 30 3 * * MON" (UTC)';

/** Days of the longest of each month. */
const monthDays = [31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];

class FieldFault extends Error {}

function readNumber(text: string, field: Field): number {
  const named = field.names.indexOf(text.toUpperCase());
  const value = named >= 0 ? named + field.least : /^\d{1,2}$/.test(text) ? Number(text) : Number.NaN;
  if (value >= field.least && value <= field.most) return value;
  const names = field.names.length === 0 ? "" : ` or ${field.names.join(", ")}`;
  throw new FieldFault(
    `${JSON.stringify(text)} is no ${field.name}; expected ${String(field.least)} to ${String(field.most)}${names}`,
  );
}

/** One entry of a list: a value, a range, or a star, each with a step or without. */
function readEntry(entry: string, field: Field): number[] {
  const [range = "", step, ...rest] = entry.split("/");
  if (rest.length > 0) throw new FieldFault(`${JSON.stringify(entry)} has two steps`);
  if (step !== undefined && !/^[1-9]\d?$/.test(step)) {
    throw new FieldFault(`${JSON.stringify(entry)}: the step must be a number from 1 on`);
  }
  const [first = "", last, ...more] = range.split("-");
  if (more.length > 0) throw new FieldFault(`${JSON.stringify(entry)} is no range`);
  const isStar = range === "*";
  const from = isStar ? field.least : readNumber(first, field);
  // A value with a step begins an open range, as "5/15".
  const open = isStar || (last === undefined && step !== undefined) ? field.most : from;
  const to = last === undefined ? open : readNumber(last, field);
  if (to < from) throw new FieldFault(`${JSON.stringify(entry)}: the range ends before it begins`);
  const values: number[] = [];
  for (let value = from; value <= to; value += Number(step ?? 1)) values.push(value);
  return values;
}

function readField(text: string, field: Field): number[] {
  const values = text.split(",").flatMap((entry) => readEntry(entry, field));
  const distinct = new Set(field.name === "weekday" ? values.map((value) => value % 7) : values);
  return [...distinct].sort((left, right) => left - right);
}

/** A day field that restricts nothing; some crons write "?". */
const isAny = (text: string): boolean => text === "*" || text === "?";

/** The schedule, or what is wrong with the expression. One that can never be due is wrong. */
export function readCron(expression: string): CronReading {
  const texts = expression.trim().split(/\s+/);
  if (texts.length !== fields.length) {
    const count = expression.trim() === "" ? 0 : texts.length;
    return { schedule: null, fault: `${JSON.stringify(expression)} has ${String(count)} fields; ${form}` };
  }
  try {
    const schedule = readFields(texts);
    if (schedule.days !== null && schedule.weekdays === null && !canBeDue(schedule.days, schedule.months)) {
      return { schedule: null, fault: `${JSON.stringify(expression)} never fires: no such month has such a day` };
    }
    return { schedule, fault: null };
  } catch (error) {
    if (!(error instanceof FieldFault)) throw error;
    return { schedule: null, fault: `${error.message}; ${form}` };
  }
}

function readFields(texts: readonly string[]): Schedule {
  const read = (index: number): number[] => {
    const field = fields[index];
    return field === undefined ? [] : readField(texts[index] ?? "", field);
  };
  const readDays = (index: number) => (isAny(texts[index] ?? "") ? null : read(index));
  return {
    seconds: read(0),
    minutes: read(1),
    hours: read(2),
    days: readDays(3),
    months: read(4),
    weekdays: readDays(5),
  };
}

function canBeDue(days: readonly number[], months: readonly number[]): boolean {
  return months.some((month) => days.some((day) => day <= (monthDays[month - 1] ?? 0)));
}
