-- The runtime's own: calls that may be repeated, and the comparison of bucket and registry. See migrations/README.md.

-- One row per Idempotency-Key that was used in the last 24 hours.
CREATE TABLE idempotency_keys (
  owner TEXT NOT NULL,
  -- The endpoint's id: the same key means another call there.
  scope TEXT NOT NULL,
  key TEXT NOT NULL,
  -- Of the call that holds the key: only that one can finish it or give it back.
  token TEXT NOT NULL,
  -- Of the finished call's request; null while the call is running.
  fingerprint TEXT,
  -- JSON; null when it is not known or too large to be kept.
  answer TEXT,
  claimed_at TEXT NOT NULL,
  expires_at TEXT NOT NULL,
  PRIMARY KEY (owner, scope, key)
);
CREATE INDEX idempotency_keys_by_expiry ON idempotency_keys (expires_at);

-- How far a comparison has come: one row.
CREATE TABLE reconcile_runs (
  id TEXT PRIMARY KEY NOT NULL,
  phase TEXT NOT NULL CHECK (phase IN ('confirming', 'passing', 'idle')),
  position TEXT NOT NULL,
  started_at TEXT NOT NULL
);

-- What was found once. Nothing is removed before it was found again, an hour later or more.
CREATE TABLE reconcile_findings (
  storage_key TEXT PRIMARY KEY NOT NULL,
  kind TEXT NOT NULL CHECK (kind IN ('object_without_row', 'row_without_object')),
  first_seen TEXT NOT NULL
);
CREATE INDEX reconcile_findings_by_age ON reconcile_findings (first_seen, storage_key);
