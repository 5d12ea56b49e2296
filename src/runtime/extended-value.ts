/**
 * A parameter's extended value (RFC 8187 §3.2.1) with UTF-8 as the only charset, decoded; null when it is not one. What
 * `encodeURI` leaves bare is read as it is: React Native writes names so.
 */
export function readExtendedValue(value: string): string | null {
  const [, encoded] = /^utf-8'[\w-]*'([\w!#$%&'()*+,./:=?@^`|~-]*)$/i.exec(value) ?? [];
  if (encoded === undefined) return null;
  try {
    return decodeURIComponent(encoded);
  } catch {
    return null;
  }
}
