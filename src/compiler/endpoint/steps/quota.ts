/** Compiles `quota`: how much of an upload may be stored, and by whom. */
import type { Quota } from "../../../contract/plan/files.ts";
import type { RulesDraft } from "./file-rules.ts";
import type { Abi, UploadActionable } from "../../language/schema.ts";
import type { Report } from "../../text/diagnostic.ts";
import { readIdentifier } from "../identifier.ts";

export type WrittenQuota = NonNullable<UploadActionable["uploads"]["quota"]>;

/** The files of one call. */
interface Taken extends Pick<RulesDraft, "maxFileBytes"> {
  readonly minFiles: number;
}

/** Nothing where any amount may be stored, and after a fault. @param place of `quota` */
export function readQuota(
  written: WrittenQuota | undefined,
  place: string,
  { maxFileBytes, minFiles }: Taken,
  abi: Abi,
  report: Report,
): { readonly quota?: Quota } {
  if (written === undefined) return {};
  const { bytes, files, per: identifier, window } = written;
  if (bytes === undefined && files === undefined) {
    report.fault(place, 'limits nothing; expected "bytes" or "files", such as {"bytes": 1000000000}');
  }
  if (bytes !== undefined && bytes < maxFileBytes) {
    const largest = `max_upload_file_size is ${String(maxFileBytes)}`;
    report.warn(`${place}/bytes`, `a file of more than ${String(bytes)} bytes is never stored, and ${largest}`);
  }
  if (files !== undefined && files < minFiles) {
    report.fault(`${place}/files`, `no call could ever succeed: each brings at least ${String(minFiles)} files`);
  }
  const per = identifier === undefined ? undefined : readIdentifier(identifier, `${place}/per`, abi, report);
  if (per === null) return {};
  return {
    quota: {
      name: quotaName(abi, written),
      ...(per === undefined ? {} : { per }),
      ...(bytes === undefined ? {} : { maxBytes: bytes }),
      ...(files === undefined ? {} : { maxFiles: files }),
      ...(window === undefined ? {} : { windowSeconds: window }),
    },
  };
}

/** What was counted in windows of another length, or in none, means nothing here. Neither part has a slash. */
export const quotaName = ({ id }: Abi, { name = id, window }: WrittenQuota): string =>
  window === undefined ? name : `${name}/${String(window)}`;
