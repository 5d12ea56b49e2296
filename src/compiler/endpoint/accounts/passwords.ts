/** Compiles `hashables` and `verify_hashables`: which fields of the payload are passwords, and what becomes of them. */
import type { HashAlgorithm, PasswordField, Passwords } from "../../../contract/plan/query.ts";
import type { Reference } from "../../../contract/plan/reference.ts";
import { maxBcryptCost } from "../../../contract/limits.ts";
import type { StepDraft, QueryDraft } from "../../draft.ts";
import type { Abi } from "../../language/schema.ts";
import { cronOf } from "../cron.ts";
import type { Report } from "../../text/diagnostic.ts";
import { pointerStep } from "../../text/diagnostic.ts";
import { didYouMean } from "../../text/suggest.ts";
import { allReferences } from "../../values/names.ts";
import type { Endpoints, Task } from "../order.ts";
import { stepReferences } from "../send.ts";
import type { Work } from "../task-names.ts";
import { hashedBy, passwordNames, verifiedBy, type Hashable, type VerifyHashable } from "./password-fields.ts";

const algorithms: Readonly<Record<Hashable["algorithm"], HashAlgorithm>> = { BCRYPT: "bcrypt", ARGON2: "argon2" };
const defaultCosts: Readonly<Record<HashAlgorithm, number>> = { bcrypt: 12, argon2: 2 };
/** Below it a stolen hash is soon guessed. */
const leastAdvisedBcryptCost = 10;
/** Seconds of bcrypt with 12 rounds, measured in workerd. */
const bcryptSeconds = 0.286;

/** A statement with its passwords. */
export function addPasswords(draft: QueryDraft, work: Work, endpoints: Endpoints, report: Report): QueryDraft {
  const { actionable, place } = work.task;
  const [hashes, checked] = [hashedBy(actionable), verifiedBy(actionable)];
  if (hashes.length + checked.length === 0) return draft;
  const passwords: Passwords = {
    hashes: hashes.map((hashable) => fieldOf(hashable, defaultCosts[algorithms[hashable.algorithm]])),
    verifies: checked.map((hashable) => fieldOf(hashable, costOf(hashable, endpoints))),
  };
  checkOnce(hashes, `${place}/hashables`, report);
  checkOnce(checked, `${place}/verify_hashables`, report);
  for (const [index, hashable] of hashes.entries()) {
    const hashablePlace = `${place}/hashables${pointerStep(index)}`;
    checkCost(hashable, hashablePlace, report);
    warnOfCost(hashable, hashablePlace, report);
    checkSalt(hashable, hashablePlace, report);
    if (!draft.parameters.some(({ value }) => isField(value, hashable.property))) {
      const how = `write $PAYLOAD.${hashable.property}`;
      report.fault(`${hashablePlace}/property`, `no parameter is the payload field "${hashable.property}"; ${how}`);
    }
  }
  for (const [index, hashable] of checked.entries()) {
    const hashablePlace = `${place}/verify_hashables${pointerStep(index)}`;
    checkCost(hashable, hashablePlace, report);
    checkVerified(hashable, work, `${hashablePlace}/property`, report);
  }
  if (work.each !== null) {
    const [name] = hashes.length > 0 ? ["hashables"] : ["verify_hashables"];
    report.fault(`${place}/${name ?? ""}`, "one call hashes no list of passwords: expected no multi");
  }
  return { ...draft, passwords };
}

const fieldOf = ({ property, algorithm, options }: Hashable | VerifyHashable, cost: number): PasswordField => ({
  property,
  algorithm: algorithms[algorithm],
  cost: options?.rounds_cost ?? cost,
});

/** What an unknown user is to cost: as much as the hashes that the ABIs make, of this field if one hashes it. */
function costOf({ property, algorithm }: VerifyHashable, endpoints: Endpoints): number {
  const made = [...endpoints.values()]
    .flatMap((abi) => abi?.actionables ?? [])
    .flatMap(hashedBy)
    .filter((hashable) => hashable.algorithm === algorithm);
  const own = made.filter((hashable) => hashable.property === property);
  const usual = defaultCosts[algorithms[algorithm]];
  const costs = (own.length > 0 ? own : made).map(({ options }) => options?.rounds_cost ?? usual);
  return costs.length === 0 ? usual : Math.max(...costs);
}

function checkOnce(hashables: readonly { readonly property: string }[], place: string, report: Report): void {
  const names = hashables.map(({ property }) => property);
  const repeated = names.findIndex((name, index) => names.indexOf(name) !== index);
  if (repeated >= 0) report.fault(`${place}${pointerStep(repeated)}/property`, "this field is listed twice");
}

function checkCost({ algorithm, options }: Hashable | VerifyHashable, place: string, report: Report): void {
  const cost = options?.rounds_cost;
  const costPlace = `${place}/options/rounds_cost`;
  if (cost === undefined) return;
  if (algorithm === "ARGON2") {
    if (cost < 2) report.fault(costPlace, "one pass over 19 MiB is too little for argon2id; expected 2 to 31");
  } else if (cost < 4) report.fault(costPlace, `bcrypt takes 4 to 31; expected 10 to ${String(maxBcryptCost)}`);
  else if (cost > maxBcryptCost) {
    const seconds = Math.round(bcryptSeconds * 2 ** (cost - 12));
    const time = seconds < 120 ? `${String(seconds)} seconds` : `${String(Math.round(seconds / 60))} minutes`;
    report.fault(costPlace, `takes about ${time} of a Worker's processor; expected 10 to ${String(maxBcryptCost)}`);
  }
}

function warnOfCost({ algorithm, options }: Hashable, place: string, report: Report): void {
  const cost = options?.rounds_cost ?? leastAdvisedBcryptCost;
  if (algorithm !== "BCRYPT" || cost < 4 || cost >= leastAdvisedBcryptCost) return;
  const expected = `expected ${String(leastAdvisedBcryptCost)} or more`;
  report.warn(`${place}/options/rounds_cost`, `a stolen hash is soon guessed; ${expected}`);
}

function checkSalt({ options }: Hashable, place: string, report: Report): void {
  if (options?.salt === undefined) return;
  report.fault(
    `${place}/options/salt`,
    "with one salt for all, equal passwords have equal hashes, and one table guesses all: leave it out. " +
      "Each hash gets a random salt and holds it; hashes that were made with yours are verified all the same",
  );
}

function checkVerified({ property }: VerifyHashable, { query }: Work, place: string, report: Report): void {
  if (query === null || query.fields === null) return;
  if (query.writes) {
    report.fault(place, "the password is compared when the statement has run: expected a SELECT that only reads");
  } else if (!query.fields.includes(property)) {
    const expected = `select it (AS "${property}" where the column has another name)`;
    report.fault(place, `the rows have no column "${property}": ${expected}${didYouMean(property, query.fields)}`);
  }
}

const isField = (reference: Reference, name: string): boolean =>
  (reference.from === "payload" && reference.path.length === 1 && reference.path[0] === name) ||
  (reference.from === "payload-or-text" && reference.name === name);

/** The reference reads the payload's field, something in it, or the whole payload. */
function reaches(reference: Reference, name: string): boolean {
  if (isField(reference, name)) return true;
  return reference.from === "payload" && (reference.path.length === 0 || reference.path[0] === name);
}

/** Reports what would bind a password as it was sent, and passwords that no call can bring. */
export function checkPasswords(
  abi: Abi,
  tasks: readonly Task[],
  drafts: readonly StepDraft[],
  deferred: ReadonlySet<number>,
  report: Report,
): void {
  const names = passwordNames(tasks);
  for (const [index, draft] of drafts.entries()) {
    const place = tasks[index]?.place ?? "";
    const hashed = draft.mode === "query" ? (draft.passwords?.hashes ?? []).map(({ property }) => property) : [];
    const { passwords: _own, ...plain } = draft.mode === "query" ? draft : { ...draft, passwords: undefined };
    const alone = draft.mode === "query" ? draft.parameters.map(({ value }) => value) : [];
    const read = stepReferences(plain).flatMap((reference) => [...allReferences(reference)]);
    const leaking = names.find((name) =>
      read.some((one) => reaches(one, name) && !(hashed.includes(name) && alone.includes(one) && isField(one, name))),
    );
    if (leaking !== undefined) {
      report.fault(place, `reads the password "${leaking}" as it was sent: only hashables and verify_hashables may`);
    }
    const hasPasswords = draft.mode === "query" && draft.passwords !== undefined;
    if (hasPasswords && deferred.has(index)) {
      report.fault(
        place,
        "a password is never kept for later: expected its statement in the call, not in the background",
      );
    }
  }
  const cron = names.length === 0 ? null : cronOf(abi);
  if (cron !== null) report.fault(cron.place, "nobody sends a scheduled run a password");
}
