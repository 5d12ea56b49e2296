/** The quotas of all endpoints: those of one name share one count, so they must count alike. */
import type { DeclaredQuota } from "../contract/plan/files.ts";
import type { AbiFile } from "./abi-file.ts";
import type { Addressed } from "./addresses.ts";
import { quotaName, type WrittenQuota } from "./endpoint/steps/quota.ts";
import type { Abi } from "./language/schema.ts";
import { soundAbis } from "./sound-abis.ts";
import { pointerStep } from "./text/diagnostic.ts";

interface PlacedQuota {
  readonly quota: WrittenQuota;
  readonly place: string;
}

function quotasOf({ actionables }: Abi): readonly PlacedQuota[] {
  return (actionables ?? []).flatMap((actionable, index) => {
    const quota = actionable.mode === "UPLOAD" ? actionable.uploads.quota : undefined;
    return quota === undefined ? [] : { quota, place: `/actionables${pointerStep(index)}/uploads/quota` };
  });
}

export function checkQuotas(endpoints: readonly Addressed[]): void {
  const known = new Map<string, WrittenQuota & { readonly file: string }>();
  for (const { abi, file, report } of endpoints) {
    for (const { quota, place } of quotasOf(abi)) {
      const name = quota.name ?? abi.id;
      const other = known.get(name);
      for (const member of ["per", "window"] as const) {
        if (other === undefined || other[member] === quota[member]) continue;
        const theirs = JSON.stringify(other[member]) ?? "none";
        const where = quota[member] === undefined ? place : `${place}/${member}`;
        report.fault(where, `${other.file} shares the quota "${name}"; expected the same "${member}": ${theirs}`);
      }
      known.set(name, other ?? { ...quota, file });
    }
  }
}

interface DeclaredQuotas {
  readonly quotas: readonly DeclaredQuota[];
  /** Those of whose earlier files nobody knows whom they count for: the owner is all that a file's row has of its call. */
  readonly unknown: readonly { readonly endpoint: string; readonly per: string }[];
}

/** The quotas of what is stored, as the ABIs have them; files with faults are left out. */
export function declaredQuotas(files: readonly AbiFile[]): DeclaredQuotas {
  const declared = soundAbis(files).flatMap((abi) => quotasOf(abi).map(({ quota }) => ({ quota, abi })));
  const stored = declared.filter(({ quota }) => quota.window === undefined);
  const isKnown = ({ quota: { per } }: (typeof stored)[number]) => per === undefined || per === "$PROTECTED.id";
  return {
    quotas: stored.filter(isKnown).map(({ quota, abi }) => {
      return { endpoint: abi.id, name: quotaName(abi, quota), isPerOwner: quota.per !== undefined };
    }),
    unknown: stored
      .filter((one) => !isKnown(one))
      .map(({ quota, abi }) => ({ endpoint: abi.id, per: quota.per ?? "" })),
  };
}
