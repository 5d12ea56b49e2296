/** What an endpoint is sent: parameters, payload and files, from its plan. */
import type { FieldRule } from "../../contract/payload-rule.ts";
import { acceptedBody, type AcceptedBody, type Plan } from "../../contract/plan.ts";
import type { FileRules, UploadStep } from "../../contract/plan/files.ts";
import type { Reference } from "../../contract/plan/reference.ts";
import { parametersOf } from "../../contract/routes.ts";
import { stepReferences } from "../endpoint/send.ts";
import { schemaOfField, schemaOfRule } from "./rule-schema.ts";
import { anything, listOf, text, type Schema } from "./schema.ts";

export interface ParameterInterface {
  readonly name: string;
  readonly isRequired: boolean;
  readonly schema: Schema;
}

/** The name of files that come in fields of any name. */
export const anyField = "*";

export interface FilesInterface {
  /** Of the form's field, or `anyField`. */
  readonly name: string;
  readonly least: number;
  readonly most: number;
  readonly bytes: number;
  readonly types: readonly string[];
}

export interface RequestInterface {
  readonly path: readonly ParameterInterface[];
  readonly query: readonly ParameterInterface[];
  /** Beside the token's: those that the endpoint reads, and those that prove where a webhook is from. */
  readonly headers: readonly ParameterInterface[];
  /** How the body may be sent. */
  readonly accepts: AcceptedBody;
  /** The payload: JSON, or the text fields of a form. Null: there is none, or nobody reads it. */
  readonly payload: Schema | null;
  readonly files: readonly FilesInterface[];
  /** The body may be the one file itself. */
  readonly isRaw: boolean;
}

export function describeRequest(plan: Plan): RequestInterface {
  const { resource, address = {}, steps, revoking } = plan;
  const { path: pathRules = [], query = [] } = address;
  const path = parametersOf(resource).map((name) => {
    const rule = pathRules.find((field) => field.name === name);
    return { name, isRequired: true, schema: rule === undefined ? text : schemaOfField(rule) };
  });
  const accepts = acceptedBody(steps);
  const read = [...steps.flatMap(stepReferences), ...(revoking?.tokens ?? [])];
  const rules = steps.flatMap(({ payloadRule }) => (payloadRule === undefined ? [] : schemaOfRule(payloadRule)));
  const isListOfKeys = steps.some((step) => step.mode === "delete-files" && step.keys === undefined);
  const upload = steps.find((step) => step.mode === "upload");
  return {
    path,
    query: query.map(describeParameter),
    headers: describeHeaders(plan, read),
    accepts,
    payload: isListOfKeys ? listOf(text) : describePayload(rules, read, upload),
    files: upload === undefined ? [] : describeFiles(upload),
    isRaw: upload?.raw !== undefined,
  };
}

/** What OpenAPI says elsewhere: https://spec.openapis.org/oas/v3.1.1#parameter-object */
const ownHeaders = ["accept", "authorization", "content-type", "idempotency-key"];

/** The address of the caller, which is called `ip` here, is no header that a caller sends. */
function describeHeaders(plan: Plan, read: readonly Reference[]): ParameterInterface[] {
  const { webhook, rateLimit, authentication, steps } = plan;
  const proofs = (webhook?.verifiers ?? []).flatMap((one): string[] => {
    if (one.kind === "addresses") return [];
    if (one.kind === "jwt") return [one.token.header];
    const moment = one.kind === "publicKey" ? (one.timestamp?.header ?? []) : [];
    return [one.header, ...[moment].flat()];
  });
  const quotas = steps.flatMap((step) => (step.mode === "upload" ? (step.quota?.per ?? []) : []));
  const counted = [...(rateLimit === undefined ? [] : [rateLimit.identifier]), ...quotas];
  const named = [...read, ...counted].flatMap((one) => (one.from === "header" && one.name !== "ip" ? [one.name] : []));
  const names = new Set(
    [...proofs, ...named].filter((name) => ![...ownHeaders, authentication?.header].includes(name)),
  );
  const isNeeded = (name: string) =>
    (proofs.includes(name) && webhook?.any === false) ||
    counted.some((one) => one.from === "header" && one.name === name);
  return [...names].map((name) => ({ name, isRequired: isNeeded(name), schema: text }));
}

/** An optional parameter is left out, not null. */
const describeParameter = (field: FieldRule): ParameterInterface => ({
  name: field.name,
  isRequired: !field.optional,
  schema: { ...schemaOfField({ ...field, optional: false }) },
});

function describeFiles(step: UploadStep): FilesInterface[] {
  const rules = ({ maxFiles, maxFileBytes, types }: FileRules) => ({ most: maxFiles, bytes: maxFileBytes, types });
  const list = step.fields?.list;
  if (list === undefined) return [{ name: anyField, least: step.minFiles ?? 1, ...rules(step) }];
  return list.map((field) => ({ name: field.name, least: field.minFiles, ...rules(field) }));
}

/** What rules ask for, and what else is read: without a rule it may be anything, and be missing. */
function describePayload(
  rules: readonly Schema[],
  read: readonly Reference[],
  upload: UploadStep | undefined,
): Schema | null {
  const list = rules.find(({ type }) => type === "array");
  const isList = list !== undefined || read.some(isWholePayload);
  const known = isList ? [list?.items ?? {}] : rules;
  const members = namesRead(read, isList);
  const merged = mergeObjects(known, members, upload === undefined ? anything : text);
  if (Object.keys(merged.properties ?? {}).length === 0) return isList ? listOf(merged) : null;
  return isList ? { ...list, ...listOf(merged) } : merged;
}

const isWholePayload = (reference: Reference): boolean => reference.from === "payload" && reference.path.length === 0;

function namesRead(read: readonly Reference[], isList: boolean): string[] {
  const names = read.flatMap((reference): (string | number | undefined)[] => {
    switch (reference.from) {
      case "payload":
        return isList ? [] : [reference.path[0]];
      case "payload-or-text":
        return isList ? [] : [reference.name];
      case "element":
        return isList ? [reference.path[0]] : [];
      case "element-or-text":
        return isList ? [reference.name] : [];
      default:
        return [];
    }
  });
  return [...new Set(names.filter((name) => typeof name === "string"))];
}

/** Steps that have rules for one field agree, so that each holds. */
function mergeObjects(schemas: readonly Schema[], names: readonly string[], other: Schema): Schema {
  const properties: Record<string, Schema> = {};
  for (const [name, schema] of schemas.flatMap((one) => Object.entries(one.properties ?? {}))) {
    const before = properties[name];
    const isNew = before === undefined || JSON.stringify(before) === JSON.stringify(schema);
    properties[name] = isNew ? schema : { allOf: [...(before.allOf ?? [before]), schema] };
  }
  for (const name of names) properties[name] ??= other;
  const required = [...new Set(schemas.flatMap((one) => one.required ?? []))];
  return { type: "object", properties, ...(required.length === 0 ? {} : { required }) };
}
