// Sizes, moments and names as people read them. Knows no element.

const numbers = new Intl.NumberFormat("en", { maximumFractionDigits: 1 });
const moments = new Intl.DateTimeFormat(undefined, { dateStyle: "medium", timeStyle: "short" });
const days = new Intl.DateTimeFormat(undefined, { dateStyle: "medium" });
const clock = new Intl.DateTimeFormat(undefined, { timeStyle: "medium" });

/** Seconds of each, the longest first. */
const spans = [
  ["day", 86_400],
  ["hour", 3600],
  ["minute", 60],
];

/** In the units that operating systems show. */
export function formatBytes(bytes) {
  const [value, unit] = inUnits(bytes);
  return `${value < 10 ? numbers.format(value) : Math.round(value)} ${unit}`;
}

/** As `formatBytes`, but never more than it is: what is said to be taken must be taken. */
export function formatLimit(bytes) {
  const [value, unit] = inUnits(bytes);
  return `${numbers.format(Math.floor(value * 10) / 10)} ${unit}`;
}

function inUnits(bytes) {
  const units = ["bytes", "KB", "MB", "GB"];
  const power = Math.min(units.length - 1, Math.floor(Math.log(Math.max(1, bytes)) / Math.log(1000)));
  return [bytes / 1000 ** power, bytes === 1 ? "byte" : units[power]];
}

/** In the visitor's own zone and way of writing. */
export function formatMoment(date) {
  return moments.format(new Date(date));
}

/** As `formatMoment`, without the time. */
export function formatDay(date) {
  return days.format(new Date(date));
}

/** `in 3 days`; rounded down, so that nothing is there for less long than it says. */
export function formatLeft(date) {
  const seconds = (new Date(date) - Date.now()) / 1000;
  const [unit, length] = spans.find(([, each]) => seconds >= each) ?? ["", 0];
  return unit === "" ? "in a moment" : `in ${count(Math.floor(seconds / length), unit)}`;
}

/** How long it is until then, and when that is. */
export function formatWait(seconds) {
  const [amount, unit] =
    seconds < 100 ? [seconds, "second"] : seconds < 6000 ? [seconds / 60, "minute"] : [seconds / 3600, "hour"];
  const until = Date.now() + seconds * 1000;
  // Hours from now may be another day.
  const moment = unit === "hour" ? formatMoment(until) : clock.format(until);
  return `in ${count(Math.ceil(amount), unit)}, at ${moment}`;
}

const count = (number, unit) => `${number} ${unit}${number === 1 ? "" : "s"}`;

/** `1 file`, `2 files`. */
export function countFiles(number) {
  return count(number, "file");
}

/** `a.jpg`, or how many there are. */
export function nameFiles(files) {
  return files.length === 1 ? files[0].name : countFiles(files.length);
}
