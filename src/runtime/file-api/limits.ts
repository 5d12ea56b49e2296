/** What the file API takes of a caller: how large a file may be, of which types, and how much may be stored. */
import type { Reference } from "../../contract/plan/reference.ts";
import type { Json } from "../../contract/plan.ts";
import type { Quota } from "../../contract/plan/files.ts";
import { misconfigured } from "../../contract/problem.ts";
import { fileApiEndpoint } from "../../contract/routes.ts";
import type { Identity } from "../auth/caller.ts";
import type { Deployment } from "../deployment.ts";
import type { FileApiCall } from "./file-api-call.ts";

export const callerId = { from: "claim", path: ["id"] } as const satisfies Reference;

export const identityOf = (owner: string): Identity => ({ claims: { id: owner }, caller: owner, fault: null });

/** Null: any amount. @throws Problem `misconfigured` */
export function quotaOf({ text, features }: Deployment): Quota | null {
  const asked = text("FILE_API_QUOTA", "");
  if (asked === "") return null;
  const { readSetting } = features.quotas;
  if (readSetting === undefined) throw misconfigured("FILE_API_QUOTA was changed: deploy the Worker again");
  return { name: fileApiEndpoint, per: callerId, ...readSetting(asked) };
}

/** One look-up where there is a quota, none where there is not. */
export async function showLimits(call: FileApiCall): Promise<Readonly<Record<string, Json>>> {
  const { owner, request, deployment } = call;
  const { fileApi, maxRequestBytes } = deployment.settings;
  const quota = quotaOf(deployment);
  const used = quota && (await deployment.features.quotas.read({ identity: identityOf(owner), request, quota, call }));
  return {
    maxFileBytes: Math.min(fileApi.maxFileBytes, maxRequestBytes),
    types: fileApi.types,
    quota: used && {
      maxBytes: quota.maxBytes ?? null,
      maxFiles: quota.maxFiles ?? null,
      usedBytes: used.bytes,
      usedFiles: used.files,
    },
  };
}
