/** What whoever calls an endpoint has to know of it. OpenAPI and the types of clients are printed from this. */
import { featureUses } from "../../contract/features.ts";
import type { Method, Plan } from "../../contract/plan.ts";
import type { UploadLinkBounds } from "../../contract/plan/files.ts";
import type { ProblemCode } from "../../contract/problem.ts";
import { isRepeatable, linkProblemsOf, problemsOf, uploadProblemsOf } from "./problems.ts";
import { describeRequest, type RequestInterface } from "./request.ts";
import type { Schema } from "./schema.ts";

export interface EndpointInterface {
  readonly id: string;
  readonly resource: string;
  readonly methods: readonly Method[];
  /** The header that carries the token; null: there is none. */
  readonly token: { readonly header: string; readonly isBearer: boolean } | null;
  readonly request: RequestInterface;
  /** `data` of the answer. */
  readonly answer: Schema;
  /** It answers 202 with a job. */
  readonly isBackground: boolean;
  /** By an Idempotency-Key. */
  readonly isRepeatable: boolean;
  readonly problems: readonly ProblemCode[];
  /** What the addresses of its resumable uploads answer, and the bytes of the largest form; null: it has none. */
  readonly resumable: { readonly problems: readonly ProblemCode[]; readonly formBytes: number } | null;
  /** Of the links by which others upload: what they may allow, and what their addresses answer; null: nobody gets any. */
  readonly links: LinksInterface | null;
}

export interface LinksInterface extends UploadLinkBounds {
  readonly problems: readonly ProblemCode[];
}

/** What a deployment takes. */
export interface DeploymentInterface {
  readonly methods: readonly Method[];
  /** `MAX_REQUEST_BYTES`. */
  readonly maxRequestBytes: number;
}

/**
 * @param answer of the endpoint: what its plan says is in the plan, what the columns are is not
 * @param deployment what holds where an ABI says nothing
 */
export function describeEndpoint(
  plan: Plan,
  answer: Schema,
  { methods, maxRequestBytes }: DeploymentInterface,
): EndpointInterface {
  const { id, resource, authentication, background, steps } = plan;
  const bounds = steps.find((step) => step.mode === "upload")?.links;
  return {
    id,
    resource,
    methods: plan.methods ?? methods,
    token: authentication === null ? null : { header: authentication.header, isBearer: authentication.bearer },
    request: describeRequest(plan),
    answer,
    isBackground: background !== undefined,
    isRepeatable: isRepeatable(plan),
    problems: problemsOf(plan),
    resumable: featureUses.resumable(plan) ? { problems: uploadProblemsOf(plan), formBytes: maxRequestBytes } : null,
    links: bounds === undefined ? null : { ...bounds, problems: linkProblemsOf(plan) },
  };
}
