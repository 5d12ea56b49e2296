/**
 * The table of idempotency keys: who claims a key, and what its finished call answered.
 * https://datatracker.ietf.org/doc/draft-ietf-httpapi-idempotency-key-header/
 *
 * A call claims its key with the first thing that it writes. The claim is a lease, which the call renews while it runs:
 * a call that died does not hold the key for long. The claim is also fenced: the batch that makes the call's effects
 * durable finishes it too, and fails if another call has taken the key over, so that two calls can never both succeed
 * under one key.
 */
import { sql } from "drizzle-orm";
import type { Database, Statement } from "../database/database.ts";
import type { Dialect } from "../database/dialect.ts";
import { quoted } from "../database/quoted-names.ts";
import { assign, createStatements, insertInto, update } from "../database/statements.ts";

/** Identifies one call: the same key of another owner or at another endpoint is a different one. */
export interface CallName {
  readonly owner: string;
  readonly scope: string;
  readonly key: string;
}

/** What is known of a key that this call has not claimed. */
export type HeldOutcome =
  | { readonly state: "in_flight" }
  /** A call with this key succeeded. `answer` is the stored text, null when it was not stored and will not be. */
  | { readonly state: "finished"; readonly fingerprint: string; readonly answer: string | null };

export interface IdempotencyKeys {
  /**
   * Claims the key if it is free, expired, or held by a call that must be dead: then it is ours to finish, or to
   * release with this token. Fails its batch where it is not.
   */
  claiming(name: CallName, token: string, now: Date): readonly Statement[];
  /** Who has a key that could not be claimed, or was not tried. */
  outcomeOf(name: CallName, now: Date): Promise<HeldOutcome>;
  /** Renews the lease. Changes nothing where the key is another call's by now. */
  renew(name: CallName, token: string, now: Date): Promise<void>;
  /**
   * For the call's last batch, which it fails when the key is no longer ours. `answer` null: not known yet, and until
   * it is stored the call counts as running.
   */
  finishing(name: CallName, token: string, fingerprint: string, answer: string | null): readonly Statement[];
  /** Stores the answer of a finished call. */
  keepAnswer(name: CallName, token: string, answer: string): Promise<void>;
  /** Releases the key for the next try. False when it was no longer ours, or finished. */
  release(name: CallName, token: string): Promise<boolean>;
  /** Removes at most `limit` expired keys; resolves with how many. */
  forgetOld(now: Date, limit: number): Promise<number>;
}

/** In place of an answer that is too large to store. */
export const NOT_KEPT = "";
/** How long a finished call is remembered. */
const KEPT_SECONDS = 86_400;
/**
 * How long a call holds its key without renewing it, until its answer is stored. It loses the key only if another call
 * asks for it.
 */
const LEASE_SECONDS = 30;
/** How often a call renews it: two renewals may fail or come late. */
export const RENEWAL_SECONDS = 10;

const { idempotency_keys: keys } = quoted;

export function createIdempotencyKeys(database: Database, dialect: Dialect): IdempotencyKeys {
  const { read, write, mustWrite } = createStatements(database, dialect);
  const after = (now: Date, seconds: number) => new Date(now.getTime() + seconds * 1000).toISOString();
  const isCall = ({ owner, scope, key }: CallName) =>
    sql`${keys.owner} = ${owner} AND ${keys.scope} = ${scope} AND ${keys.key} = ${key}`;
  const isOurs = (name: CallName, token: string) => sql`${isCall(name)} AND ${keys.token} = ${token}`;

  const isRunning = sql`${keys.fingerprint} IS NULL`;

  return {
    claiming(name, token, now) {
      const moment = now.toISOString();
      const row = { ...name, token, claimed_at: moment, expires_at: after(now, KEPT_SECONDS) };
      const { owner: _owner, scope: _scope, key: _key, ...taken } = { ...row, fingerprint: null, answer: null };
      const isDead = sql`${isRunning} AND ${keys.claimed_at} <= ${after(now, -LEASE_SECONDS)}`;
      const isFree = sql`${keys.expires_at} <= ${moment} OR (${isDead})`;
      const conflict = sql`ON CONFLICT (owner, scope, key) DO UPDATE SET ${assign(taken)} WHERE ${isFree}`;
      return mustWrite(sql`${insertInto(keys, row)} ${conflict} RETURNING ${keys.token}`);
    },
    async outcomeOf(name, now) {
      const columns = sql`${keys.fingerprint}, ${keys.answer}, ${keys.claimed_at}`;
      const isKept = sql`${isCall(name)} AND ${keys.expires_at} > ${now.toISOString()}`;
      const [held] = await read(sql`SELECT ${columns} FROM ${keys} WHERE ${isKept}`);
      const fingerprint = held?.["fingerprint"] ?? null;
      // No row: the other call has just failed, and its client's next try will find the key free.
      if (typeof fingerprint !== "string") return { state: "in_flight" };
      const answer = (held?.["answer"] ?? null) as string | null;
      // Between its last batch and the statement that stores what this batch answered; or it died there.
      const mayBeKept = answer === null && (held?.["claimed_at"] as string) > after(now, -LEASE_SECONDS);
      if (mayBeKept) return { state: "in_flight" };
      return { state: "finished", fingerprint, answer: answer === NOT_KEPT ? null : answer };
    },
    async renew(name, token, now) {
      await write(sql`${update(keys, { claimed_at: now.toISOString() })} WHERE ${isOurs(name, token)}`);
    },
    finishing(name, token, fingerprint, answer) {
      const change = update(keys, { fingerprint, answer });
      return mustWrite(sql`${change} WHERE ${isOurs(name, token)} AND ${isRunning} RETURNING ${keys.token}`);
    },
    async keepAnswer(name, token, answer) {
      await write(sql`${update(keys, { answer })} WHERE ${isOurs(name, token)}`);
    },
    async release(name, token) {
      const ours = sql`${isOurs(name, token)} AND ${isRunning}`;
      return (await write(sql`DELETE FROM ${keys} WHERE ${ours} RETURNING ${keys.token}`)).length > 0;
    },
    async forgetOld(now, limit) {
      // By the expiry of the oldest that may stay: no engine-specific row number, no list of composite keys.
      const old = sql`${keys.expires_at} < ${now.toISOString()}`;
      const chosen = sql`SELECT ${keys.token} FROM ${keys} WHERE ${old} ORDER BY ${keys.expires_at} LIMIT ${limit}`;
      const forgotten = sql`${old} AND ${keys.token} IN (${chosen})`;
      return (await write(sql`DELETE FROM ${keys} WHERE ${forgotten} RETURNING ${keys.token}`)).length;
    },
  };
}
