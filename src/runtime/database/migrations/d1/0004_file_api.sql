-- The runtime's own: calls that may be repeated, and the comparison of bucket and registry. See README.md beside this folder.

-- One row per Idempotency-Key that was used in the last 24 hours.
CREATE TABLE sluice_idempotency_keys (
  owner text NOT NULL,
  -- The endpoint's id: the same key means another call there.
  scope text NOT NULL,
  key text NOT NULL,
  -- Of the call that holds the key: only that one can finish it or give it back.
  token text NOT NULL,
  -- Of the finished call's request; null while the call is running.
  fingerprint text,
  -- JSON; null when it is not known or too large to be kept.
  answer text,
  claimed_at text NOT NULL,
  expires_at text NOT NULL,
  PRIMARY KEY (owner, scope, key)
);
CREATE INDEX sluice_idempotency_keys_by_expiry ON sluice_idempotency_keys (expires_at);

-- How far a comparison has come: one row.
CREATE TABLE sluice_reconcile_runs (
  id text PRIMARY KEY NOT NULL,
  phase text NOT NULL,
  position text NOT NULL,
  started_at text NOT NULL,
  CONSTRAINT reconcile_runs_phase_check CHECK (phase IN ('confirming', 'passing', 'idle'))
);

-- What was found once. Nothing is removed before it was found again, an hour later or more.
CREATE TABLE sluice_reconcile_findings (
  storage_key text PRIMARY KEY NOT NULL,
  kind text NOT NULL,
  first_seen text NOT NULL,
  CONSTRAINT reconcile_findings_kind_check CHECK (kind IN ('object_without_row', 'row_without_object'))
);
CREATE INDEX sluice_reconcile_findings_by_age ON sluice_reconcile_findings (first_seen, storage_key);
