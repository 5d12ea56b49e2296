/** `links` of an UPLOAD: what upload links may allow, and which endpoints cannot have any. */
import { defaultLinkSeconds, defaultLinkUploads, uploadLinkParameter } from "../../../contract/limits.ts";
import type { UploadStep } from "../../../contract/plan/files.ts";
import type { Revoking } from "../../../contract/plan/authentication.ts";
import type { Webhook } from "../../../contract/plan/webhook.ts";
import type { UploadActionable } from "../../language/schema.ts";
import type { Report } from "../../text/diagnostic.ts";
import type { Names } from "../../values/names.ts";
import type { Task } from "../order.ts";
import { namesCaller, reportNoOwner } from "./owner.ts";

type Written = UploadActionable["uploads"];

const asked = ({ links = false }: Written) => (links === true ? {} : links === false ? null : links);

/** Nothing where nobody gets links. @param place of `uploads` */
export function readUploadLinks(
  written: Written,
  place: string,
  names: Names,
  report: Report,
): Pick<UploadStep, "links"> {
  const bounds = asked(written);
  if (bounds === null) return {};
  if (!namesCaller(names)) reportNoOwner(`${place}/links`, "a link is somebody's who may call", names, report);
  const { max_uploads: maxUploads = defaultLinkUploads, max_expires: maxLifeSeconds = defaultLinkSeconds } = bounds;
  return { links: { maxUploads, maxLifeSeconds } };
}

interface LinkedEndpoint {
  readonly webhook: Webhook | null;
  readonly isSecret: boolean;
  readonly revoking: Revoking | null;
  /** Names of its query parameters. */
  readonly query: readonly string[];
}

/** Whoever has a link is a stranger, with no token and no secret of the endpoint's. */
export function checkUploadLinks(
  tasks: readonly Task[],
  { webhook, isSecret, revoking, query }: LinkedEndpoint,
  report: Report,
): void {
  for (const { actionable, place } of tasks) {
    if (actionable.mode !== "UPLOAD" || asked(actionable.uploads) === null) continue;
    const fault = (text: string) => report.fault(`${place}/uploads/links`, text);
    if (webhook !== null) fault("cannot be together with webhook, whose secret no holder of a link has");
    else if (revoking !== null) fault("cannot be together with invalidate_tokenize: a call by link has no token");
    else if (isSecret) fault("cannot be where passwords are read or a token is issued: a link is for strangers");
    if (!query.includes(uploadLinkParameter)) continue;
    report.fault("/query_parameters", `"${uploadLinkParameter}" is the parameter of links: expected another name`);
  }
}
