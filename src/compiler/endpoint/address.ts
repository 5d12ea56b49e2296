/** Compiles what an endpoint reads of its address, `$PARAM` and `$QUERY`, and reports what a GET cannot do. */
import { addressResults, type AddressRules } from "../../contract/plan.ts";
import type { FieldRule } from "../../contract/payload-rule.ts";
import { parametersOf } from "../../contract/routes.ts";
import { methodsOf } from "../addresses.ts";
import type { StepDraft } from "../draft.ts";
import type { Abi } from "../language/schema.ts";
import { pathFault } from "../text/accessor.ts";
import { pointerStep, type Report } from "../text/diagnostic.ts";
import { didYouMean } from "../text/suggest.ts";
import type { AddressNames } from "../values/names.ts";
import { isMembers } from "./payload/options.ts";
import { readField } from "./payload/rules.ts";
import { stepReferences } from "./send.ts";
import type { Work } from "./task-names.ts";

/** The names that values of the endpoint can have, also where their rules have faults. */
export function addressNames(abi: Abi): AddressNames {
  return {
    resource: abi.resource,
    path: parametersOf(abi.resource),
    query: Object.keys(abi.query_parameters ?? {}),
    hasPayload: !methodsOf(abi).includes("GET"),
  };
}

/** Null where nothing of the address is read. */
export function compileAddress(abi: Abi, steps: readonly StepDraft[], report: Report): AddressRules | null {
  const names = addressNames(abi);
  checkNames(names, report);
  const path = readRules(abi.path_parameters, "/path_parameters", report);
  const query = readRules(abi.query_parameters, "/query_parameters", report);
  checkPathRules(abi, names, report);
  checkRead(names, steps, report);
  if (names.path.length + names.query.length === 0) return null;
  return { ...(names.path.length > 0 && { path }), ...(names.query.length > 0 && { query }) };
}

function checkNames({ resource, path }: AddressNames, report: Report): void {
  const fault = pathFault(path);
  if (fault !== null) report.fault("/resource", fault);
  const twice = path.find((name, at) => path.indexOf(name) !== at);
  if (twice !== undefined) report.fault("/resource", `":${twice}" stands twice in "${resource}"`);
}

function readRules(written: Abi["path_parameters"], place: string, report: Report): FieldRule[] {
  return Object.entries(written ?? {}).flatMap(([name, definition]) => {
    const at = place + pointerStep(name);
    if (!/^[A-Za-z_]\w*(?:-\w+)*$/.test(name)) {
      report.fault(at, `${JSON.stringify(name)} is no name of a parameter: expected letters, digits, _ and -`);
      return [];
    }
    const rule = readField(name, definition, new Map(), at, report);
    if (rule?.rule.kind !== "object" && rule?.rule.kind !== "list") return rule ?? [];
    report.fault(`${at}/type`, "a parameter is one text: expected STRING, NUMBER or EMAIL");
    return [];
  });
}

function checkPathRules(
  { path_parameters: written = {} }: Abi,
  { resource, path }: AddressNames,
  report: Report,
): void {
  for (const [name, definition] of Object.entries(written)) {
    const place = `/path_parameters${pointerStep(name)}`;
    if (!path.includes(name)) {
      const known = path.length === 0 ? "" : `; expected one of ${path.join(", ")}${didYouMean(name, path)}`;
      report.fault(place, `the resource "${resource}" has no ":${name}"${known}`);
    }
    for (const option of ["optional", "default"]) {
      if (!isMembers(definition) || !(option in definition)) continue;
      report.fault(`${place}/${option}`, "has no meaning: without the segment it is another address");
    }
  }
}

/** A parameter that nothing reads is a mistake, or a promise that is not kept. */
function checkRead({ path, query }: AddressNames, steps: readonly StepDraft[], report: Report): void {
  const references = steps.flatMap(stepReferences);
  const isRead = (result: number, name: string) =>
    references.some(
      (reference) => reference.from === "result" && reference.step === result && reference.path[0] === name,
    );
  for (const name of path.filter((known) => !isRead(addressResults.path, known))) {
    report.warn("/resource", `nothing reads $PARAM.${name}`);
  }
  for (const name of query.filter((known) => !isRead(addressResults.query, known))) {
    report.warn(`/query_parameters${pointerStep(name)}`, `nothing reads $QUERY.${name}`);
  }
}

const safe = "a GET changes nothing (RFC 9110 §9.2.1)";

/** Reports what only a POST may do, and what only a call may have. */
export function checkMethods(abi: Abi, work: readonly Work[], steps: readonly StepDraft[], report: Report): void {
  const { methods = [], cron_job: cron } = abi;
  for (const [index, method] of methods.entries()) {
    if (methods.indexOf(method) !== index) report.fault(`/methods/${String(index)}`, `${method} is listed twice`);
  }
  const { path, query, hasPayload } = addressNames(abi);
  if (cron !== undefined && path.length + query.length > 0) {
    report.fault(
      path.length > 0 ? "/resource" : "/query_parameters",
      "a cron_job has no address, and so no parameters",
    );
  }
  if (hasPayload) return;
  if (cron !== undefined) report.fault("/methods", `${safe}, and a cron_job runs for what it changes: expected POST`);
  if (abi.run_in_background === true) report.fault("/run_in_background", `${safe}: a job of it would be for nothing`);
  for (const [index, { task, each }] of work.entries()) {
    const { actionable, place } = task;
    const step = steps[index];
    const fault = (at: string, what: string) => report.fault(task.isForeign ? place : place + at, what);
    if (actionable.mode === "UPLOAD") {
      const isDeletion = actionable.uploads.delete_files === true;
      const at = isDeletion ? "/uploads/delete_files" : "/mode";
      fault(at, `${safe}, and this ${isDeletion ? "deletes" : "stores"} files: expected "methods": ["POST"]`);
    }
    if (step !== undefined && isWriting(step)) {
      const isMongo = actionable.mode === "QUERY" && actionable.mongo_query !== undefined;
      const at = isMongo ? "/mongo_query/action" : "/sql_query/query";
      fault(at, `${safe}, and this writes: expected a query that reads, or "methods": ["POST"]`);
    }
    if (actionable.payload_validation !== undefined) {
      fault("/payload_validation", "a GET has no payload: write rules into query_parameters");
    }
    if (each === "payload") fault("", `"multi" runs once per element of the payload, and a GET has none`);
    if (actionable.run_in_background === true) fault("/run_in_background", `${safe}: a job of it would be for nothing`);
  }
}

const isWriting = (step: StepDraft): boolean =>
  step.mode === "query" ? step.writes : step.mode === "documents" && step.action !== "find";
