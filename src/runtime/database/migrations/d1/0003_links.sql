-- Audit of signed links: one row per link, written before the link leaves.
CREATE TABLE sluice_links (
  id text PRIMARY KEY NOT NULL,
  file_id text NOT NULL,
  owner text,
  -- Who answers the link: this runtime, or R2's S3 endpoint.
  kind text NOT NULL,
  -- The epoch that the link carries; see link_epochs.
  epoch integer NOT NULL,
  bound_ip text,
  max_downloads integer,
  downloads integer DEFAULT 0 NOT NULL,
  -- What the running download may still send.
  bytes_left integer DEFAULT 0 NOT NULL,
  request_id text NOT NULL,
  client_ip text,
  issued_at text NOT NULL,
  expires_at text NOT NULL,
  CONSTRAINT links_kind_check CHECK (kind IN ('worker', 'r2'))
);
CREATE INDEX sluice_links_by_file ON sluice_links (file_id, issued_at);
CREATE INDEX sluice_links_by_expiry ON sluice_links (expires_at);

-- Revocations of all links ('all') or of one owner's ('owner:<owner>'). A link carries the sum of these two epochs and its
-- file's (files.link_epoch) at issue; each only grows, so any revocation changes the sum.
CREATE TABLE sluice_link_epochs (
  scope text PRIMARY KEY NOT NULL,
  epoch integer NOT NULL
);
