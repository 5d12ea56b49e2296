/** Opens the upload link that a request came by: it stands in the place of a token, and the plan becomes what it allows. */
import { uploadLinkParameter } from "../../contract/limits.ts";
import type { Json, Plan } from "../../contract/plan.ts";
import { excessConstraint } from "../../contract/row-guard.ts";
import { Problem } from "../../contract/problem.ts";
import type { IncomingBody } from "../body/incoming-body.ts";
import { readThrough } from "../body/read-through.ts";
import type { LinkedCall, OpeningCall, SendStatements } from "../call/features.ts";
import { linkedStep, narrow, type SealedTerms } from "./terms.ts";
import { unseal } from "./sealed.ts";
import { createUploadLinkTable, type FoundLink, type UploadLinkTable } from "./table.ts";

/**
 * Null: the request has no link. @param isUnderWay it is for an upload in pieces that the link has begun, at an address of
 * its own: how long that may take does not depend on the link's life
 * @throws Problem `link_invalid`, always the same on the wire, `link_expired`; `link_revoked`, `link_used_up` where the
 *   link's row is looked at before a file comes
 */
export async function openUploadLink(
  plan: Plan,
  request: Request,
  call: OpeningCall,
  isUnderWay = false,
): Promise<LinkedCall | null> {
  const step = linkedStep(plan);
  const url = new URL(request.url);
  const sealed = url.searchParams.get(uploadLinkParameter);
  if (step === undefined || sealed === null) return null;
  const text = await unseal(sealed, call.deployment.settings.linkSecret);
  if (text === null) throw invalid("it was not sealed with the secret");
  const terms = JSON.parse(text) as SealedTerms;
  if (terms.endpoint !== plan.id) throw invalid("another endpoint");
  const lacking = plan.authentication?.claims.find((name) => !Object.hasOwn(terms.claims, name));
  if (lacking !== undefined) throw invalid(`the endpoint reads the claim ${lacking} since then`);
  if ((terms.ip ?? call.clientIp) !== call.clientIp) throw invalid("another address of the client");
  const query = isUnderWay ? "" : terms.query;
  if (url.search !== `?${withLink(query, sealed)}`) throw invalid("another query string");
  const { id, caller: owner, claims } = terms;
  const now = call.now.toISOString();
  const table = createUploadLinkTable(call.deployment, { endpoint: plan.id, owner }, now);
  if (isUnderWay) {
    const found = await table.find(id);
    if (found === null) throw faultOf(found);
    if (found.isRevoked) throw new Problem("link_revoked");
  } else {
    if (terms.method !== request.method) throw invalid("another method");
    if (!url.pathname.endsWith(terms.path)) throw invalid("another path");
    if (terms.expiresAt <= now) throw new Problem("link_expired");
    // What runs before the first file comes is not done for a link that has ended.
    const isFirst = plan.steps[0]?.mode === "upload";
    const found = isFirst ? null : await table.find(id);
    if (!isFirst && found?.state !== "live") throw faultOf(found);
  }
  url.search = query;
  return {
    plan: narrow(plan, terms),
    request: new Request(url, request),
    identity: { claims, caller: owner, fault: null },
    link: {
      id,
      // A name that no token can give: it has a control character.
      owner: `upload link\t${id}`,
      query: `?${withLink("", sealed)}`,
      addFields: (body) => (terms.fields === undefined ? body : withFields(body, terms.fields)),
      counting: (send) => countUse(send, table, id, step.quota !== undefined),
    },
  };
}

/** The query string of an address that a link opens. */
export const withLink = (query: string, sealed: string): string =>
  `${query === "" ? "" : `${query}&`}${uploadLinkParameter}=${sealed}`;

const invalid = (reason: string): Problem => new Problem("link_invalid", { reason: `upload link: ${reason}` });

function faultOf(found: FoundLink | null): Problem {
  if (found === null) return invalid("there is no row of it");
  return new Problem(found.state === "live" ? "link_used_up" : `link_${found.state}`);
}

/** The first file takes the use, in the batch that registers it. */
function countUse(send: SendStatements, table: UploadLinkTable, id: string, hasQuota: boolean): SendStatements {
  let isCounted = false;
  return async (statements) => {
    if (isCounted) return send(statements);
    // Without a file nothing would count.
    if (statements.length === 0) throw new Problem("file_missing", { detail: "Send at least one file." });
    isCounted = true;
    const using = table.using(id);
    try {
      return (await send([...using, ...statements])).slice(using.length);
    } catch (error) {
      if (!(error instanceof Problem && error.message.includes(excessConstraint))) throw error;
      const found = await table.find(id);
      // A quota ends its batch in the same way.
      throw hasQuota && found?.state === "live" ? error : faultOf(found);
    }
  };
}

/** The body with the fields of a link, which the client may send as well, and not change. */
function withFields(body: IncomingBody, fields: Readonly<Record<string, string>>): IncomingBody {
  const payload = (): Json => ({ ...(body.payload as object), ...fields });
  const check = () => {
    const sent = (body.payload ?? {}) as Readonly<Record<string, Json>>;
    const changed = Object.keys(fields).find((name) => Object.hasOwn(sent, name) && sent[name] !== fields[name]);
    if (changed === undefined) return;
    throw new Problem("payload_invalid", {
      detail: `"${changed}" is set by the link: leave it out.`,
      members: { field: changed },
    });
  };
  return readThrough(
    body,
    {
      async readFields() {
        await body.readFields();
        check();
      },
      async *files() {
        for await (const file of body.files()) {
          check();
          yield file;
        }
        check();
      },
    },
    payload,
  );
}
