/** `links` of an UPLOAD: addresses with which somebody without a token uploads once, or a number of times. */
import { uploadLinkParameter } from "../../contract/limits.ts";
import type { Json, Plan } from "../../contract/plan.ts";
import { Problem } from "../../contract/problem.ts";
import { nanoid } from "nanoid";
import { checkedCaller, requireCaller, type Identity } from "../auth/caller.ts";
import { openBody } from "../body/incoming-body.ts";
import type { Call } from "../call/call.ts";
import type { PlanAt, UploadLinks } from "../build.ts";
import { methodNotAllowed } from "../http/exact-routes.ts";
import { KEY_HEADER } from "../idempotency/idempotent-call.ts";
import { refuseInMaintenance } from "../pipeline/maintenance.ts";
import { identify } from "../pipeline/run.ts";
import { openUploadLink, withLink } from "./open-link.ts";
import { MAX_SEALED_LENGTH, seal } from "./sealed.ts";
import { createUploadLinkTable, forgetUploadLinks, type FoundLink, type UploadLinkTable } from "./table.ts";
import { linkedStep, readAsked, type LinkedStep, type LinkMethod, type SealedTerms } from "./terms.ts";

/** Below an endpoint's address; with the id of a link behind it, or without. */
const linksPath = /^(.+)\/links(?:\/([^/]+))?$/;
/** The most that are listed, the newest first. */
const MAX_LISTED = 1000;

/** A request for the links of an endpoint, whose caller is known. */
interface Asked {
  readonly plan: Plan;
  readonly step: LinkedStep;
  /** Of the endpoint, as it was called. */
  readonly path: string;
  /** The methods by which links may be used. */
  readonly methods: readonly LinkMethod[];
  readonly request: Request;
  readonly call: Call;
  readonly identity: Identity;
  readonly caller: string;
  readonly table: UploadLinkTable;
  /** Of the link that is meant; empty: all. */
  readonly id: string;
}

type Handlers = Readonly<Record<string, (asked: Asked) => Promise<Json>>>;

export const uploadLinks: UploadLinks = {
  open: openUploadLink,
  find(path, planAt) {
    const [, address = "", id = ""] = linksPath.exec(path) ?? [];
    const found = findEndpoint(address, planAt);
    if (found === null) return null;
    const handlers = id === "" ? ofAll : ofOne;
    return {
      methods: Object.keys(handlers),
      async answer(request, call) {
        const { method } = request;
        const handler = Object.hasOwn(handlers, method) ? handlers[method] : undefined;
        if (handler === undefined) throw methodNotAllowed(Object.keys(handlers));
        const { plan } = found;
        const identity = await identify(plan, request, call);
        const caller = requireCaller(checkedCaller(identity));
        const table = createUploadLinkTable(
          call.deployment,
          { endpoint: plan.id, owner: caller },
          call.now.toISOString(),
        );
        const data = await handler({ ...found, path: `/${address}`, request, call, identity, caller, table, id });
        const headers = { "Cache-Control": "no-store" };
        return Response.json({ success: true, message: "OK", data }, { headers });
      },
    };
  },
  forget: forgetUploadLinks,
};

/** The endpoint that gives links at this address, and by which methods it takes uploads there. */
function findEndpoint(address: string, planAt: PlanAt): Pick<Asked, "plan" | "step" | "methods"> | null {
  const takers = (["POST", "PUT"] as const).map((method) => ({ method, plan: planAt(address, method) }));
  for (const { plan } of takers) {
    const step = plan && linkedStep(plan);
    if (plan === undefined || step === undefined) continue;
    const methods = takers.filter((taker) => taker.plan === plan).map(({ method }) => method);
    return { plan, step, methods: methods.filter((method) => method === "POST" || step.raw === true) };
  }
  return null;
}

const ofAll: Handlers = {
  async GET({ table }) {
    return (await table.list(MAX_LISTED)).map(describe);
  },
  POST: issue,
  async DELETE({ table }) {
    await table.revokeAll();
    return { revoked: "endpoint" };
  },
};

const ofOne: Handlers = {
  async DELETE({ table, id }) {
    if (!(await table.revoke(id))) throw new Problem("resource_not_found", { detail: "There is no such link." });
    return { revoked: "link", id };
  },
};

/** @throws Problem `payload_invalid`, and whatever refuses a caller of the endpoint */
async function issue(asked: Asked): Promise<Json> {
  const { plan, step, request, call, identity, caller, table, methods } = asked;
  const { id: endpoint, rateLimit } = plan;
  refuseInMaintenance(plan);
  if (request.headers.has(KEY_HEADER)) {
    throw new Problem("idempotency_key_invalid", { detail: "Links take none: each request makes another link." });
  }
  if (rateLimit !== undefined) {
    await call.deployment.features.rateLimits({ rateLimit, endpoint, identity, request, call });
  }
  const reception = { limits: call.deployment.settings, account: call.openAccount(caller), fileBufferBytes: 0 };
  const body = await openBody(request, "json", reception);
  await body.readFields();
  const { method, lifeSeconds, maxUploads, limits } = readAsked(body.payload, step);
  const used = method ?? methods[0];
  if (used === undefined || !methods.includes(used)) {
    throw new Problem("payload_invalid", {
      detail: `"method" must be one that the endpoint takes: ${methods.join(" or ")}.`,
      members: { field: "method" },
    });
  }
  const id = nanoid();
  const { search, searchParams } = new URL(request.url);
  if (searchParams.has(uploadLinkParameter)) {
    throw new Problem("parameter_invalid", {
      detail: `"${uploadLinkParameter}" is the parameter of links: leave it out of the address.`,
      members: { parameter: uploadLinkParameter },
    });
  }
  const query = search.slice(1);
  const expiresAt = new Date(Math.floor(call.now.getTime() / 1000 + lifeSeconds) * 1000).toISOString();
  const { claims } = identity;
  const { path } = asked;
  const terms: SealedTerms = { id, endpoint, method: used, path, query, expiresAt, ...limits, claims, caller };
  const sealed = await seal(JSON.stringify(terms), call.deployment.settings.linkSecret);
  if (sealed.length > MAX_SEALED_LENGTH) {
    throw new Problem("payload_invalid", { detail: "The link would be too long: give it fewer or shorter fields." });
  }
  const row = {
    id,
    endpoint,
    owner: caller,
    terms: JSON.stringify({ method: used, path, ...limits }),
    max_uploads: maxUploads,
    request_id: call.id,
    client_ip: call.clientIp,
    issued_at: call.now.toISOString(),
    expires_at: expiresAt,
  };
  await table.record(row);
  const unused = { ...row, epoch: 0, uploads: 0, revoked_at: null };
  return { url: `${call.base}${path}?${withLink(query, sealed)}`, ...describe({ row: unused, state: "live" }) };
}

/** What the holder is told of a link, in the words in which it was asked for. */
function describe({ row, state }: Pick<FoundLink, "row" | "state">): { readonly [name: string]: Json } {
  const { method, path, maxBytes, types, maxFiles, fields, ip } = JSON.parse(row.terms) as SealedTerms;
  return {
    id: row.id,
    method,
    path,
    state,
    issued_at: row.issued_at,
    expires_at: row.expires_at,
    max_uploads: row.max_uploads,
    uploads: row.uploads,
    max_bytes: maxBytes ?? null,
    types: types ?? null,
    max_files: maxFiles ?? null,
    fields: fields ?? null,
    ip: ip ?? null,
    requested_from: row.client_ip,
    request_id: row.request_id,
  };
}
