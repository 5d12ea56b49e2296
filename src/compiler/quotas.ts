/** Compares the quotas of all endpoints: those of one name share one count, so they must count alike. */
import type { Addressed } from "./addresses.ts";
import type { UploadActionable } from "./language/schema.ts";
import { pointerStep } from "./text/diagnostic.ts";

type Written = NonNullable<UploadActionable["uploads"]["quota"]>;

export function checkQuotas(endpoints: readonly Addressed[]): void {
  const known = new Map<string, Written & { readonly file: string }>();
  for (const { abi, file, report } of endpoints) {
    for (const [index, actionable] of (abi.actionables ?? []).entries()) {
      const quota = actionable.mode === "UPLOAD" ? actionable.uploads.quota : undefined;
      if (quota === undefined) continue;
      const name = quota.name ?? abi.id;
      const other = known.get(name);
      const place = `/actionables${pointerStep(index)}/uploads/quota`;
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
