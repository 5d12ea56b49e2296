/** Compiles `tokenize` where it issues: a token made of the answering row, which stands in the answer. */
import type { AnswerPlan } from "../../../contract/plan.ts";
import type { TokenIssue } from "../../../contract/plan/authentication.ts";
import { callerClaims } from "../../../contract/plan/reference.ts";
import { maxTokenSeconds } from "../../language/account-schema.ts";
import type { Abi } from "../../language/schema.ts";
import type { SqlQuery } from "../../sql/query.ts";
import { pathFault } from "../../text/accessor.ts";
import { cronOf } from "../cron.ts";
import type { Report } from "../../text/diagnostic.ts";
import { pointerStep } from "../../text/diagnostic.ts";
import { didYouMean } from "../../text/suggest.ts";
import { keyNameOf, configuredText } from "../authentication.ts";
import type { Work } from "../task-names.ts";
import { fieldsOf } from "../task-names.ts";

type Tokenize = NonNullable<Abi["tokenize"]>;

/** What the runtime itself says of a token. */
const ownClaims = ["exp", "iat", "nbf", "aud", "iss", "jti"];
/** Types of columns whose values are no names. */
const nameless: readonly (SqlQuery["columns"][string] | undefined)[] = ["boolean", "json", "number", "bytes"];

/** Where an issued token stands in the answer; null for an endpoint that issues none. */
export function tokenProperty(abi: Abi): string | null {
  const { tokenize, protected: protection, invalidate_tokenize: revoking } = abi;
  if (tokenize === undefined || (revoking !== undefined && !saysHow(tokenize))) return null;
  const property = tokenize.property_name ?? "token";
  if (protection === undefined) return property;
  return saysHow(tokenize) && isNamed(property, abi) ? property : null;
}

const saysHow = ({ expiration, custom_claim_fields: fields, property_name: property }: Tokenize): boolean =>
  [expiration, fields, property].some((member) => member !== undefined);

const isNamed = (property: string, { returnables, actionables }: Abi): boolean =>
  [{ returnables }, ...actionables].some((holder) => holder.returnables?.includes(property));

/** The answer with its token. @param work of the actionable whose row it is issued from; undefined where there is none */
export function addToken(abi: Abi, answer: AnswerPlan, work: Work | undefined, report: Report): AnswerPlan {
  const property = tokenProperty(abi);
  const { tokenize } = abi;
  if (tokenize === undefined) return answer;
  if (property === null) {
    if (!saysHow(tokenize)) return answer;
    const named = `no returnables name "${tokenize.property_name ?? "token"}"`;
    report.warn("/tokenize", `issues no token, because ${named}: it only says how tokens are verified`);
    return answer;
  }
  if (work === undefined) {
    report.fault("/tokenize", "a token is issued from the row that answers, and there is no actionable");
    return answer;
  }
  if (answer.combined?.every(({ id }) => id !== work.task.actionable.id) === true) {
    const source = `actionable ${String(work.task.actionable.id)}, from whose row the token is issued`;
    report.fault("/combine_returned_results_from", `leaves out ${source}`);
  }
  checkIssuing(abi, property, work, report);
  const { expiration = 0, custom_claim_fields: claims = [], algorithm, audience, issuer } = tokenize;
  const token: TokenIssue = {
    property,
    algorithm,
    keyName: keyNameOf(tokenize),
    claims,
    expiresSeconds: expiration,
    ...(audience === undefined ? {} : { audience: configuredText([audience].flat()[0] ?? "") }),
    ...(issuer === undefined ? {} : { issuer: configuredText(issuer) }),
  };
  // The endpoint's list may name it where the actionable's picks the rest.
  const fields =
    answer.fields === null || answer.fields.includes(property) ? answer.fields : [...answer.fields, property];
  const combined = answer.combined?.map((one) => (one.step === answer.step ? { ...one, fields } : one));
  return { ...answer, fields, token, ...(combined === undefined ? {} : { combined }) };
}

function checkIssuing(abi: Abi, property: string, work: Work, report: Report): void {
  const { tokenize, protected: protection } = abi;
  if (tokenize === undefined) return;
  const { expiration, custom_claim_fields: claims, audience, max_age: maxAge } = tokenize;
  if (!isNamed(property, abi)) {
    const place = `those of the endpoint or of actionable ${String(work.task.actionable.id)}`;
    report.fault("/tokenize", `issues a token that no returnables name; expected "${property}" in ${place}`);
  }
  if (expiration === undefined) {
    report.fault("/tokenize/expiration", `is missing; expected seconds, from 1 to ${String(maxTokenSeconds)}`);
  }
  if (claims === undefined) {
    report.fault("/tokenize/custom_claim_fields", 'is missing; expected fields of the row, such as ["id"]');
  }
  if ([audience].flat().length > 1) {
    report.fault("/tokenize/audience", "expected one text: whom an issued token is for");
  }
  if (maxAge !== undefined && protection === undefined) {
    report.fault("/tokenize/max_age", 'has no meaning without "protected": it says which tokens are verified');
  }
  const cron = cronOf(abi);
  if (cron !== null) report.fault(cron.place, "nobody takes the token of a run that nobody called");
  checkRow(property, claims ?? [], work, report);
}

/** What a token needs of the row that it is issued from. */
function checkRow(property: string, claims: readonly string[], work: Work, report: Report): void {
  const { task, each, query } = work;
  const { actionable, place } = task;
  if (actionable.mode !== "QUERY") {
    report.fault(`${place}/mode`, "a token is issued from the row that answers; expected a QUERY");
    return;
  }
  if (each !== null) report.fault(place, 'a token is issued from one row, and "multi" answers several');
  const fields = fieldsOf(work);
  if (fields?.includes(property) === true) {
    report.fault("/tokenize/property_name", `"${property}" is a column of the row: expected another name`);
  }
  for (const [index, claim] of claims.entries()) {
    const fault = claimFault(claim, claims.indexOf(claim) !== index, fields, query);
    if (fault !== null) report.fault(`/tokenize/custom_claim_fields${pointerStep(index)}`, fault);
  }
  if (claims.length > 0 && !callerClaims.some((claim) => claims.includes(claim))) {
    report.warn("/tokenize/custom_claim_fields", 'without "id" or "sub" a token names nobody');
  }
}

function claimFault(
  claim: string,
  isRepeated: boolean,
  fields: readonly string[] | null,
  query: SqlQuery | null,
): string | null {
  if (isRepeated) return "this field is listed twice";
  if (ownClaims.includes(claim)) return `"${claim}" is written into every token; expected another field`;
  const forbidden = pathFault([claim]);
  if (forbidden !== null) return forbidden;
  if (fields !== null && !fields.includes(claim)) {
    const expected = fields.length === 0 ? "it returns no rows (RETURNING)" : `expected ${fields.join(", ")}`;
    return `the row has no field "${claim}"; ${expected}${didYouMean(claim, fields)}`;
  }
  const type = query?.columns[claim];
  if (callerClaims.some((name) => name === claim) && nameless.includes(type) && type !== undefined) {
    return `a column of the type ${type} cannot name the caller; expected text or whole numbers`;
  }
  return null;
}
