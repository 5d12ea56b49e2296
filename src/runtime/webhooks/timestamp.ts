/** Signed moments: seconds since 1970. */

/** Within the tolerance, before or after: an older one may be a call that somebody has kept and sends again. */
export function isTimely(seconds: string, toleranceSeconds: number, now: Date): boolean {
  return /^\d{1,12}$/.test(seconds) && Math.abs(now.getTime() / 1000 - Number(seconds)) <= toleranceSeconds;
}
