// Sizes, moments and names as people read them. Knows no element.

const numbers = new Intl.NumberFormat("en", { maximumFractionDigits: 1 });
const moments = new Intl.DateTimeFormat(undefined, { dateStyle: "medium", timeStyle: "short" });

const clock = new Intl.DateTimeFormat(undefined, { timeStyle: "medium" });

/** In the units that operating systems show. */
export function formatBytes(bytes) {
  const units = ["bytes", "KB", "MB", "GB"];
  const power = Math.min(units.length - 1, Math.floor(Math.log(Math.max(1, bytes)) / Math.log(1000)));
  const value = bytes / 1000 ** power;
  return `${value < 10 ? numbers.format(value) : Math.round(value)} ${bytes === 1 ? "byte" : units[power]}`;
}

/** In the visitor's own zone and way of writing. */
export function formatMoment(date) {
  return moments.format(new Date(date));
}

/** How long it is until then, and when that is. */
export function formatWait(seconds) {
  const [amount, unit] =
    seconds < 100 ? [seconds, "second"] : seconds < 6000 ? [seconds / 60, "minute"] : [seconds / 3600, "hour"];
  const rounded = Math.ceil(amount);
  const until = Date.now() + seconds * 1000;
  // Hours from now may be another day.
  const moment = unit === "hour" ? formatMoment(until) : clock.format(until);
  return `in ${rounded} ${unit}${rounded === 1 ? "" : "s"}, at ${moment}`;
}

/** `1 file`, `2 files`. */
export function countFiles(count) {
  return count === 1 ? "1 file" : `${count} files`;
}

/** Width over height, kept within what a row of tiles can bear. */
export function tileRatio(width, height) {
  return width > 0 && height > 0 ? Math.min(2.4, Math.max(0.75, width / height)) : 4 / 3;
}
