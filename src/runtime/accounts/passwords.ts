/**
 * Statements that have passwords: what was sent is bound as its hash, or compared with the hash of the row that is found.
 * Neither the password nor the hash is in anything that the statement leaves.
 */
import type { Json } from "../../contract/plan.ts";
import type { PasswordField } from "../../contract/plan/query.ts";
import { Problem } from "../../contract/problem.ts";
import { ownerKey } from "../admission/owner-key.ts";
import type { PasswordContext, PasswordHasher, RunWithPasswords } from "../call/features.ts";
import type { ResultRow } from "../call/scope.ts";
import type { Entry } from "../call/transaction.ts";
import { inTurn } from "./hash-queue.ts";

/**
 * @throws Problem `payload_invalid` for what is no password, `credentials_invalid`, alike for a wrong password and for a
 * row that is not there, `overloaded`
 */
export const runWithPasswords: RunWithPasswords = async (step, index, context, run) => {
  const { hashes, verifies } = step.passwords ?? { hashes: [], verifies: [] };
  const fields = [...hashes, ...verifies];
  const { scope, transaction } = context;
  const sent = new Map(fields.map((field) => [field, readPassword(field, scope.payload, context)]));
  const payload = { ...(scope.payload as { readonly [name: string]: Json }) };
  const made: Json[] = [];
  for (const field of hashes) {
    const hash = await hashOf(field, sent.get(field) ?? "", context);
    payload[field.property] = hash;
    made.push(hash);
  }

  const names = fields.map(({ property }) => property);
  // Whatever the column is called that RETURNING gives back.
  const isShown = ([name, value]: readonly [string, Json]) => !names.includes(name) && !made.includes(value);
  let found: readonly ResultRow[] = [];
  const hiding = (entry: Entry): Entry => ({
    ...entry,
    settle(rows) {
      entry.settle(rows);
      const result = scope.results.get(index) ?? { rows: [], list: false };
      found = result.rows;
      scope.results.set(index, { ...result, rows: found.map((row) => pick(row, isShown)) });
    },
  });
  await run(step, index, {
    ...context,
    scope: { ...scope, payload },
    transaction: {
      ...transaction,
      add: (entry: Entry) => transaction.add(hiding(entry)),
      sendNow: (entry: Entry) => transaction.sendNow(hiding(entry)),
    },
  });

  let isValid = true;
  for (const field of verifies) {
    const isOf = await isPasswordOf(field, sent.get(field) ?? "", found, context);
    isValid &&= isOf;
  }
  if (isValid) return;
  throw new Problem("credentials_invalid", {
    detail: "There is no such user, or the password is another.",
    headers: { "WWW-Authenticate": "Bearer" },
  });
};

const pick = (row: ResultRow, isShown: (entry: readonly [string, Json]) => boolean): ResultRow =>
  Object.fromEntries(Object.entries(row).filter(isShown));

function hasherOf({ algorithm }: PasswordField, { call }: PasswordContext): PasswordHasher {
  const hasher = call.deployment.features[algorithm];
  if (hasher === undefined) throw new Error(`This Worker was built without ${algorithm}`);
  return hasher;
}

/** Nothing is cut or normalised: what cannot be hashed whole is refused. */
function readPassword(field: PasswordField, payload: Json, context: PasswordContext): string {
  const { property } = field;
  const isObject = typeof payload === "object" && payload !== null && Object.hasOwn(payload, property);
  const value = isObject ? (payload as { readonly [name: string]: Json })[property] : undefined;
  const { maxBytes } = hasherOf(field, context);
  const refuse = (expected: string) =>
    new Problem("payload_invalid", {
      detail: `/${property}: expected ${expected}.`,
      members: { errors: [{ pointer: `/${property}`, detail: `expected ${expected}` }] },
    });
  if (typeof value !== "string" || value === "") throw refuse("a text that is not empty");
  if (value.includes("\0") || !value.isWellFormed()) throw refuse("a text without NUL, of whole characters");
  // No text has fewer bytes in UTF-8 than it has code units.
  if (value.length > maxBytes || new TextEncoder().encode(value).length > maxBytes) {
    throw refuse(`at most ${maxBytes} bytes`);
  }
  return value;
}

async function hashOf(field: PasswordField, password: string, context: PasswordContext): Promise<string> {
  const hasher = hasherOf(field, context);
  return compute(context, hasher.memoryBytes, () => hasher.hash(password, field.cost));
}

/** One hash is computed in any case, so that the time tells nothing either. */
async function isPasswordOf(
  field: PasswordField,
  password: string,
  [row, ...others]: readonly ResultRow[],
  context: PasswordContext,
): Promise<boolean> {
  const stored = row?.[field.property] ?? null;
  const isOne = others.length === 0;
  const hash = isOne && typeof stored === "string" ? hasherOf(field, context).read(stored) : null;
  if (hash !== null) return compute(context, hash.memoryBytes, () => hash.isOf(password));
  if (row !== undefined) {
    const reason = isOne ? `The column holds no ${field.algorithm} hash that is taken` : "Several rows were found";
    const details = { endpoint: context.plan.id, property: field.property, reason };
    context.call.deployment.log("warn", "password_not_verifiable", details);
  }
  await hashOf(field, password, context);
  return false;
}

function compute<Result>(context: PasswordContext, memoryBytes: number, work: () => Result): Promise<Result> {
  const { scope, intake, call } = context;
  const owner = ownerKey(scope.identity.caller, call.clientIp);
  return inTurn({ owner, account: intake?.account, memoryBytes }, work);
}
