/** Which decimal numbers a JavaScript number carries exactly. */

/** Other languages print a double with this many digits, where JavaScript prints as few as identify it. */
const MAX_FRACTION_DIGITS = 17;

/**
 * True when the double of the number prints back as the same value: `0.1` and `1e20` do, `9007199254740993` and `1e400` do
 * not. Its nearest double has another exponent only where that has other digits too, or none. A fraction is rounded as it
 * was before: one of at most 17 digits passes.
 * @param text a decimal number as JSON writes it; zeros in front are fine
 */
export function isExactNumber(text: string): boolean {
  // Up to fifteen digits are always exact.
  if (/^\d{1,15}$/.test(text)) return true;
  const value = Number(text);
  const digits = significantDigits(text);
  const isFraction = Number.isFinite(value) && !Number.isInteger(value);
  return digits === significantDigits(String(value)) || (isFraction && digits.length <= MAX_FRACTION_DIGITS);
}

function significantDigits(text: string): string {
  const digits = text.replace(/e.*/i, "").replace(/\D/g, "");
  let start = 0;
  let end = digits.length;
  while (digits[start] === "0") start += 1;
  // A regular expression for the zeros at the end would try again at each zero before them.
  while (end > start && digits[end - 1] === "0") end -= 1;
  return digits.slice(start, end);
}
