/** Compiles what an endpoint reads of its address, `$PARAM` and `$QUERY`, and reports what a GET cannot do. */
import { addressResults, type AddressRules } from "../../contract/plan.ts";
import type { FieldRule, Rule } from "../../contract/payload-rule.ts";
import { isJobId, isParameter, jobIdLength, jobsPath, parametersOf } from "../../contract/routes.ts";
import { methodsOf, takesRaw } from "../addresses.ts";
import type { StepDraft } from "../draft.ts";
import type { RuleType } from "../language/payload-schema.ts";
import type { Abi } from "../language/schema.ts";
import { pathFault } from "../text/accessor.ts";
import { pointerStep, type Report } from "../text/diagnostic.ts";
import { choice, type AddressNames } from "../values/address-names.ts";
import { cronOf } from "./cron.ts";
import { nameForeign, type Task } from "./order.ts";
import { isMembers, words } from "./payload/options.ts";
import { readField } from "./payload/rules.ts";
import { stepReferences } from "./send.ts";
import type { Work } from "./task-names.ts";

/** What is in an address is one text. */
const parameterTypes: readonly RuleType[] = ["STRING", "NUMBER", "EMAIL"];

/** The names that values of the endpoint can have, also where their rules have faults. */
export function addressNames(abi: Abi): AddressNames {
  const { resource, query_parameters: query } = abi;
  return {
    resource,
    path: parametersOf(resource),
    query: isMembers(query) ? Object.keys(query) : [],
    hasPayload: !methodsOf(abi).includes("GET"),
  };
}

/** Null where nothing of the address is read. */
export function compileAddress(abi: Abi, steps: readonly StepDraft[], report: Report): AddressRules | null {
  const names = addressNames(abi);
  checkNames(names, report);
  const path = readRules(abi.path_parameters, "/path_parameters", report);
  checkPathRules(abi.path_parameters, names, report);
  checkJobs(abi, path, report);
  const query = readRules(abi.query_parameters, "/query_parameters", report);
  const read = readNames(steps);
  for (const name of names.path.filter((known) => !read.path.has(known) && pathFault([known]) === null)) {
    report.warn("/resource", `nothing reads $PARAM.${name}`);
  }
  for (const { name } of query.filter((rule) => !read.query.has(rule.name))) {
    report.warn(`/query_parameters${pointerStep(name)}`, `nothing reads $QUERY.${name}`);
  }
  if (names.path.length + names.query.length === 0) return null;
  return { ...(names.path.length > 0 && { path }), ...(names.query.length > 0 && { query }) };
}

function checkNames({ resource, path }: AddressNames, report: Report): void {
  const fault = pathFault(path);
  if (fault !== null) report.fault("/resource", fault);
  const twice = path.find((name, at) => path.indexOf(name) !== at);
  if (twice !== undefined) report.fault("/resource", `":${twice}" stands twice in "${resource}"`);
}

function readRules(written: unknown, place: string, report: Report): FieldRule[] {
  if (written === undefined) return [];
  if (!isMembers(written) || Object.keys(written).length === 0) {
    const found = isMembers(written) ? "none" : words(written);
    report.fault(place, `expected names and their types, such as {"page": {"type": "NUMBER"}}, found ${found}`);
    return [];
  }
  return Object.entries(written).flatMap(([name, definition]) => {
    const at = place + pointerStep(name);
    if (/^\w+(?:-\w+)*$/.test(name)) return readField(name, definition, new Map(), at, report, parameterTypes) ?? [];
    report.fault(at, `${JSON.stringify(name)} is no name of a parameter: expected letters, digits, _ and -`);
    return [];
  });
}

function checkPathRules(written: unknown, { resource, path }: AddressNames, report: Report): void {
  for (const [name, definition] of Object.entries(isMembers(written) ? written : {})) {
    const place = `/path_parameters${pointerStep(name)}`;
    if (!path.includes(name)) {
      const expected = choice(name, path) ?? "write it into the resource, or leave the rule out";
      report.fault(place, `the resource "${resource}" has no ":${name}"; ${expected}`);
    }
    for (const option of ["optional", "default"]) {
      if (!isMembers(definition) || !(option in definition)) continue;
      report.fault(`${place}/${option}`, "has no meaning: without the segment it is another address");
    }
  }
}

/** A name that could be a job's id would take an address of the runtime's, which is asked first. */
function checkJobs({ resource, path_parameters: written }: Abi, rules: readonly FieldRule[], report: Report): void {
  const [folder, segment = "", ...others] = resource.split("/");
  if (`/${folder ?? ""}` !== jobsPath || others.length > 0 || !isParameter(segment)) return;
  const name = segment.slice(1);
  const rule = rules.find((one) => one.name === name)?.rule;
  // What is wrong with its rule is told already.
  if (rule === undefined ? isMembers(written) && name in written : !mayBeJobId(rule)) return;
  const remedy = `expected a rule that no such text passes, as {"${name}": {"type": "STRING", "max_length": 31}}`;
  const place = rule === undefined ? "/resource" : `/path_parameters${pointerStep(name)}`;
  report.fault(
    place,
    `"${resource}" would take addresses of the runtime's own jobs, which end in 32 hex digits; ${remedy}`,
  );
}

/** A number that is padded with zeros to that length is none that anybody writes. */
function mayBeJobId(rule: Rule): boolean {
  if (rule.kind !== "text" || rule.format !== undefined) return false;
  if (rule.values !== undefined) return rule.values.some(isJobId);
  return (rule.min ?? 0) <= jobIdLength && (rule.max ?? jobIdLength) >= jobIdLength;
}

/** A parameter that nothing reads is a mistake, or a promise that is not kept. */
function readNames(steps: readonly StepDraft[]): Readonly<Record<"path" | "query", ReadonlySet<string>>> {
  const references = steps.flatMap(stepReferences);
  const namesIn = (result: number) =>
    references.flatMap((reference) =>
      reference.from === "result" && reference.step === result ? String(reference.path[0]) : [],
    );
  return { path: new Set(namesIn(addressResults.path)), query: new Set(namesIn(addressResults.query)) };
}

const safe = "a GET changes nothing (RFC 9110 §9.2.1)";
const noJob = `${safe}: a job of it would be for nothing`;

/** Reports what only a POST may do, and what only a call can have. @param steps one for each of `work` */
export function checkMethods(abi: Abi, work: readonly Work[], steps: readonly StepDraft[], report: Report): void {
  const { methods = [] } = abi;
  const cron = cronOf(abi);
  for (const [index, method] of methods.entries()) {
    const place = `/methods/${String(index)}`;
    if (methods.indexOf(method) !== index) report.fault(place, `${method} is listed twice`);
    if (method === "PUT" && !takesRaw(abi)) {
      report.fault(place, 'PUT is for files that are bodies of their own; expected POST, or "raw": true in an UPLOAD');
    }
  }
  const { path, query, hasPayload } = addressNames(abi);
  if (cron !== null && path.length + query.length > 0) {
    const place = path.length > 0 ? "/resource" : "/query_parameters";
    report.fault(place, "a cron_job has no address, and so no parameters");
  }
  if (hasPayload) return;
  if (cron !== null) report.fault("/methods", `${safe}, and a cron_job runs for what it changes: expected POST`);
  if (abi.run_in_background === true) report.fault("/run_in_background", noJob);
  if (abi.invalidate_tokenize !== undefined) {
    report.fault("/invalidate_tokenize", `${safe}, and this revokes tokens: expected "methods": ["POST"]`);
  }
  for (const [index, item] of work.entries()) checkReading(item, steps[index], report);
}

function checkReading({ task, each }: Work, step: StepDraft | undefined, report: Report): void {
  const { actionable } = task;
  const fault = faultOf(task, report);
  if (actionable.mode === "UPLOAD") {
    const [at, does] =
      actionable.uploads.delete_files === true ? ["/uploads/delete_files", "deletes"] : ["/mode", "stores"];
    fault(at, `${safe}, and this ${does} files: expected "methods": ["POST"]`);
  } else {
    const [query, action] = actionable.mongo_query === undefined ? ["sql_query", "query"] : ["mongo_query", "action"];
    if (step !== undefined && isWriting(step)) {
      fault(`/${query}/${action}`, `${safe}, and this writes: expected a query that reads, or "methods": ["POST"]`);
    }
    if (each === "payload") {
      fault(`/${query}/multi`, "runs once per element of the payload, and a GET has none");
    }
  }
  for (const name of ["hashables", "verify_hashables"] as const) {
    if (name in actionable)
      fault(`/${name}`, "a GET has no payload, and a password in an address is in logs and histories");
  }
  if (actionable.payload_validation !== undefined) {
    fault("/payload_validation", "a GET has no payload: write rules into query_parameters");
  }
  if (actionable.run_in_background === true) fault("/run_in_background", noJob);
}

/** What is wrong with another endpoint's query for this one is told where it is called for. */
function faultOf(task: Task, report: Report): (below: string, message: string) => void {
  const { place, isForeign } = task;
  return (below, message) =>
    isForeign ? report.fault(place, `in ${nameForeign(task)}: ${message}`) : report.fault(place + below, message);
}

const isWriting = (step: StepDraft): boolean =>
  step.mode === "query" ? step.writes : step.mode === "documents" && step.action !== "find";
