-- The runtime's own: tokens that are refused although they have not expired, by their SHA-256.
CREATE TABLE sluice.revoked_tokens (
  digest text PRIMARY KEY NOT NULL,
  expires_at timestamptz(3) NOT NULL
);

-- For the sweep.
CREATE INDEX revoked_tokens_expiring ON sluice.revoked_tokens (expires_at);
