-- The runtime's own: tokens that are refused although they have not expired, by their SHA-256.

-- Without a rowid its key is no index that D1 would count, too, when a row is written.
CREATE TABLE sluice_revoked_tokens (
  digest text PRIMARY KEY NOT NULL,
  expires_at text NOT NULL
) WITHOUT ROWID;

-- For the sweep.
CREATE INDEX sluice_revoked_tokens_expiring ON sluice_revoked_tokens (expires_at);
