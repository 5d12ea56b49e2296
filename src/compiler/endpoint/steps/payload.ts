/**
 * Compiles what each actionable requires of the payload, and reports requirements that no payload can meet together.
 * Single rules are read by payload-rules.ts.
 */
import { maxElements } from "../../../contract/limits.ts";
import type { Rule } from "../../../contract/payload-rule.ts";
import type { Report } from "../../text/diagnostic.ts";
import type { Names } from "../../values/names.ts";
import type { Task } from "../order.ts";
import { isMembers } from "../payload/options.ts";
import { readPayloadRules } from "../payload/rules.ts";
import type { Abi, Actionable } from "../../language/schema.ts";

/** The names that the rules of an ABI speak of at the payload's top: a bare name that is one means that field. */
export function declaredFields({ actionables }: Abi): string[] {
  return actionables
    .flatMap((actionable) => actionable.payload_validation ?? [])
    .flatMap((entry) => (isMembers(entry) && isMembers(entry["field"]) ? Object.keys(entry["field"]) : []));
}

/** Its body is an array of storage keys. */
export const takesKeys = (actionable: Actionable): boolean =>
  actionable.mode === "UPLOAD" && actionable.uploads.delete_files === true;

/**
 * What the actionable requires of the payload, of each of its elements where the statement runs once per element; null
 * = nothing. Rules that are bypassed are read all the same: their faults are told.
 */
function compilePayloadRule({ actionable, place }: Task, each: Names["each"], report: Report): Rule | null {
  const { payload_validation: entries, bypass_payload_validation: isBypassed = false } = actionable;
  if (entries === undefined) return null;
  const rulesPlace = `${place}/payload_validation`;
  const fields = readPayloadRules(entries, rulesPlace, report);
  if (takesKeys(actionable)) {
    report.fault(rulesPlace, "the body of a deletion is an array of storage keys: it has no fields");
    return null;
  }
  if (isBypassed || fields.length === 0) return null;
  const object: Rule = { kind: "object", fields };
  return each === "payload" ? { kind: "list", min: 1, max: maxElements, items: object } : object;
}

/** A text and an address are both text. */
function sameKind(left: Rule["kind"], right: Rule["kind"]): boolean {
  const plain = (kind: Rule["kind"]) => (kind === "email" ? "text" : kind);
  return plain(left) === plain(right);
}

const kindNames: Readonly<Record<Rule["kind"], string>> = {
  text: "a text",
  email: "a text",
  number: "a number",
  object: "an object",
  list: "a list",
};

/** What one task requires of the payload. */
export interface PayloadRequirement {
  readonly task: Task;
  readonly rule: Rule | null;
  /** The payload is a list for it, with or without rules: of keys to delete, or what a statement runs once for each of. */
  readonly takesList: boolean;
}

/** What the task requires by its rules, and by what it does. */
export function compileRequirement(task: Task, each: Names["each"], report: Report): PayloadRequirement {
  const { actionable } = task;
  const takesList = takesKeys(actionable) || each === "payload";
  return { task, rule: compilePayloadRule(task, each, report), takesList };
}

/** The rules of single values in a requirement, `""` for the payload itself. */
function* partsOf({ rule, takesList }: PayloadRequirement): Generator<readonly [name: string, kind: Rule["kind"]]> {
  if (takesList) yield ["", "list"];
  else if (rule !== null) yield ["", rule.kind];
  const object = rule?.kind === "list" ? rule.items : rule;
  if (object?.kind !== "object") return;
  for (const field of object.fields) yield [field.name, field.rule.kind];
}

/** One payload serves all steps: tells rules of different actionables that no payload can pass together. */
export function checkAgreement(requirements: readonly PayloadRequirement[], report: Report): void {
  const known = new Map<string, { kind: Rule["kind"]; id: number }>();
  for (const requirement of requirements) {
    const { actionable, place, isForeign } = requirement.task;
    for (const [name, kind] of partsOf(requirement)) {
      const other = known.get(name);
      if (other === undefined) {
        known.set(name, { kind, id: actionable.id });
      } else if (!sameKind(other.kind, kind)) {
        const what = name === "" ? "the payload" : `"${name}"`;
        report.fault(
          isForeign || requirement.rule === null ? place : `${place}/payload_validation`,
          `${what} is ${kindNames[kind]} here and ${kindNames[other.kind]} in actionable ${String(other.id)}: no payload can be both`,
        );
      }
    }
  }
}
