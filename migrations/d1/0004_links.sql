-- Audit of signed links: one row per link, written before the link leaves.
CREATE TABLE links (
  id TEXT PRIMARY KEY NOT NULL,
  file_id TEXT NOT NULL,
  owner TEXT,
  -- Who answers the link: this runtime, or R2's S3 endpoint.
  kind TEXT NOT NULL CHECK (kind IN ('worker', 'r2')),
  -- The epoch that the link carries; see link_epochs.
  epoch INTEGER NOT NULL,
  bound_ip TEXT,
  max_downloads INTEGER,
  downloads INTEGER NOT NULL DEFAULT 0,
  -- What the running download may still send.
  bytes_left INTEGER NOT NULL DEFAULT 0,
  request_id TEXT NOT NULL,
  client_ip TEXT,
  issued_at TEXT NOT NULL,
  expires_at TEXT NOT NULL
);
CREATE INDEX links_by_file ON links (file_id, issued_at);
CREATE INDEX links_by_expiry ON links (expires_at);

-- Revocations of all links ('all') or of one owner's ('owner:<owner>'). A link carries the sum of these two epochs and its
-- file's (files.link_epoch) at issue; each only grows, so any revocation changes the sum.
CREATE TABLE link_epochs (
  scope TEXT PRIMARY KEY NOT NULL,
  epoch INTEGER NOT NULL
);
