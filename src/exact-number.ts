/** Which decimal numbers a JavaScript number carries without a change. It knows nothing of where they stand. */

/**
 * True when the double of this decimal text prints back as the same value: `0.1` and `1e20` do, `9007199254740993` and
 * `1e400` do not.
 */
export function isExactNumber(text: string): boolean {
  // Fifteen digits always are.
  if (/^\d{1,15}$/.test(text)) return true;
  const value = normalize(text);
  return value !== null && value === normalize(String(Number(text)));
}

/** Significant digits and exponent, one spelling for each value; null for what is no decimal number. */
function normalize(text: string): string | null {
  const found = /^([+-]?)(\d*)(?:\.(\d*))?(?:e([+-]?\d+))?$/i.exec(text);
  if (found === null) return null;
  const [, sign = "", whole = "", fraction = "", exponent = "0"] = found;
  const digits = whole + fraction;
  let start = 0;
  let end = digits.length;
  while (digits[start] === "0") start += 1;
  // A pattern that looks for zeros at the end would try at each of those before it.
  while (end > start && digits[end - 1] === "0") end -= 1;
  if (start === end) return digits === "" ? null : "0";
  const minus = sign === "-" ? "-" : "";
  return `${minus}${digits.slice(start, end)}e${Number(exponent) - fraction.length + digits.length - end}`;
}
