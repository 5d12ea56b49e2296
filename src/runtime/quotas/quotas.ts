/** `quota` of an UPLOAD: whose files a call stores, and how many bytes it may bring. */
import { quotaSetting } from "../../contract/settings.ts";
import { sha256 } from "../bytes.ts";
import { mostBytesOf } from "../body/incoming-body.ts";
import type { CountedCaller, QuotaCall, Quotas } from "../call/features.ts";
import { identifierOf } from "../call/identifier.ts";
import { defaultMultipartLimits } from "../multipart/read-multipart.ts";
import { countFiles, type BodyBytes } from "./count-files.ts";
import { exceeded } from "./exceeded.ts";
import { createQuotaTable, forgetWindows } from "./quota-table.ts";

/** What a body without a length is given at a time: about what is stored at a time. */
const STEP_BYTES = 8 * 1024 * 1024;
/** A boundary with its line breaks; and what may stand before the first and behind the last of them. */
const BOUNDARY_BYTES = 80;
const AROUND_BYTES = 65_536;

export const quotas: Quotas = {
  async open(counted) {
    const { quota, call } = counted;
    const table = createQuotaTable(call.deployment, quota, await nameOf(counted), call.now);
    const { exactBytes: exact } = counted;
    const bytes = exact === undefined ? bytesOf(counted) : { most: exact, least: exact, step: exact };
    // No call could ever store as much, whatever is left.
    if (quota.maxBytes !== undefined && bytes.least > quota.maxBytes) {
      throw exceeded(quota, await table.read(), call.now);
    }
    return (context) => countFiles(context, { quota, table, bytes, now: call.now });
  },
  read: async (counted) => {
    const { quota, call } = counted;
    return createQuotaTable(call.deployment, quota, await nameOf(counted), call.now).read();
  },
  readSetting: (text) => quotaSetting("FILE_API_QUOTA", text),
  forget: forgetWindows,
};

/** Of the caller's count. A header's value is hashed: the rows of files, which statements may read, have the name. */
async function nameOf({ quota: { name, per }, ...early }: CountedCaller): Promise<string> {
  if (per === undefined) return name;
  const identifier = identifierOf(per, early);
  return `${name} ${per.from === "claim" ? identifier : await sha256(identifier)}`;
}

/**
 * What the files of the body have together. The length that it announces is more than they have by what stands between them, so
 * it only bounds them: `most` is enough for any of them, and with less than `least` left none can fit.
 */
function bytesOf({ request, upload, call }: QuotaCall): BodyBytes {
  const announced = mostBytesOf(request);
  const { maxFormBytes, maxParts, maxRequestBytes } = call.deployment.settings;
  const most = Math.min(announced, maxRequestBytes, upload.maxFiles * upload.maxFileBytes);
  if (announced === Infinity) return { most, least: 1, step: STEP_BYTES };
  const between = maxFormBytes + maxParts * (defaultMultipartLimits.maxHeaderBytes + BOUNDARY_BYTES) + AROUND_BYTES;
  // Nobody knows how much of a picture is metadata, which is not stored.
  return { most, least: upload.stripsMetadata ? 1 : Math.max(1, announced - between), step: most };
}
