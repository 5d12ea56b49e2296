-- The runtime's own tables. See README.md beside this folder.

-- Registry of stored files: one row per object in the bucket.
CREATE TABLE sluice_files (
  id text PRIMARY KEY NOT NULL,
  owner text,
  storage_key text NOT NULL,
  status text NOT NULL,
  visibility text NOT NULL,
  endpoint text NOT NULL,
  original_file_name text NOT NULL,
  file_type text NOT NULL,
  extension text NOT NULL,
  file_size integer DEFAULT 0 NOT NULL,
  checksum_sha256 text,
  dominant_color text,
  thumbhash text,
  width integer,
  height integer,
  -- The R2 multipart upload that a pending file's bytes go into, so that the sweep can abort it.
  upload_id text,
  -- Links of another epoch are revoked.
  link_epoch integer DEFAULT 0 NOT NULL,
  expires_at text,
  deleted_at text,
  -- From then on the object of a deleted file may be removed; until then it can be restored.
  purge_at text,
  created_at text NOT NULL,
  updated_at text NOT NULL,
  CONSTRAINT files_status_check CHECK (status IN ('pending', 'stored', 'deleted', 'expired', 'gone')),
  CONSTRAINT files_visibility_check CHECK (visibility IN ('public', 'private'))
);
CREATE UNIQUE INDEX sluice_files_storage_key_unique ON sluice_files (storage_key);
-- For lists: newest first from any point on, and counted without a look at the rows.
CREATE INDEX sluice_files_by_owner ON sluice_files (owner, status, created_at, id, expires_at);
CREATE INDEX sluice_files_by_status ON sluice_files (status, updated_at);
CREATE INDEX sluice_files_by_expiry ON sluice_files (expires_at) WHERE expires_at IS NOT NULL;
CREATE INDEX sluice_files_by_purge ON sluice_files (status, purge_at) WHERE purge_at IS NOT NULL;

-- Always empty. A statement that must return a row is followed by one that violates this constraint when it did not,
-- which rolls the whole batch back: D1 has no other way to stop in the middle.
CREATE TABLE sluice_row_guard (
  found integer NOT NULL,
  CONSTRAINT row_missing CHECK (found = 1)
);
