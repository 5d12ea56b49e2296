import type { Quota } from "../../contract/plan/files.ts";
import { Problem } from "../../contract/problem.ts";
import type { QuotaCount } from "./quota-table.ts";

/** @param own of the count, what the refused call gives back */
export function exceeded(
  { maxBytes, maxFiles }: Quota,
  { bytes, files, endsAt }: QuotaCount,
  now: Date,
  own: Pick<QuotaCount, "bytes" | "files"> = { bytes: 0, files: 0 },
): Problem {
  const left = (limit: number | undefined, count: number) =>
    limit === undefined ? null : Math.min(limit, Math.max(0, limit - count));
  const bytesLeft = left(maxBytes, bytes - own.bytes);
  const filesLeft = left(maxFiles, files - own.files);
  const parts = [
    ...(filesLeft === null ? [] : [`${filesLeft} ${filesLeft === 1 ? "file" : "files"}`]),
    ...(bytesLeft === null ? [] : [`${bytesLeft} bytes`]),
  ];
  const seconds = endsAt === null ? null : Math.max(1, Math.ceil((Date.parse(endsAt) - now.getTime()) / 1000));
  return new Problem("quota_exceeded", {
    detail: `Of the quota ${parts.join(" and ")} are left.`,
    members: {
      ...(bytesLeft === null ? {} : { bytes_left: bytesLeft }),
      ...(filesLeft === null ? {} : { files_left: filesLeft }),
    },
    headers: seconds === null ? {} : { "Retry-After": String(seconds) },
  });
}
