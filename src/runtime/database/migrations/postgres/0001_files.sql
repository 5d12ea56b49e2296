-- The runtime's own tables. See README.md beside this folder.

-- Registry of stored files: one row per object in the bucket.
CREATE TABLE sluice.files (
  id text PRIMARY KEY NOT NULL,
  owner text,
  storage_key text NOT NULL,
  status text NOT NULL,
  visibility text NOT NULL,
  endpoint text NOT NULL,
  original_file_name text NOT NULL,
  file_type text NOT NULL,
  extension text NOT NULL,
  file_size bigint DEFAULT 0 NOT NULL,
  checksum_sha256 text,
  dominant_color text,
  thumbhash text,
  width integer,
  height integer,
  -- The R2 multipart upload that a pending file's bytes go into, so that the sweep can abort it.
  upload_id text,
  -- Links of another epoch are revoked.
  link_epoch integer DEFAULT 0 NOT NULL,
  expires_at timestamptz(3),
  deleted_at timestamptz(3),
  -- From then on the object of a deleted file may be removed; until then it can be restored.
  purge_at timestamptz(3),
  created_at timestamptz(3) NOT NULL,
  updated_at timestamptz(3) NOT NULL,
  CONSTRAINT files_storage_key_unique UNIQUE (storage_key),
  CONSTRAINT files_status_check CHECK (status IN ('pending', 'stored', 'deleted', 'expired', 'gone')),
  CONSTRAINT files_visibility_check CHECK (visibility IN ('public', 'private'))
);
-- For lists: newest first from any point on, and counted without a look at the rows.
CREATE INDEX files_by_owner ON sluice.files (owner, status, created_at, id, expires_at);
CREATE INDEX files_by_status ON sluice.files (status, updated_at);
CREATE INDEX files_by_expiry ON sluice.files (expires_at) WHERE expires_at IS NOT NULL;
CREATE INDEX files_by_purge ON sluice.files (status, purge_at) WHERE purge_at IS NOT NULL;

-- Always empty. A statement that must return a row stands beside an INSERT that violates this constraint when it did
-- not, which undoes the whole batch, also where nobody reads the answers one by one.
CREATE TABLE sluice.row_guard (
  found integer NOT NULL,
  CONSTRAINT row_missing CHECK (found = 1)
);

-- What a write holds whose `unique` is checked after it: the rows are locks, picked by the hash of a name. Hyperdrive
-- supports no advisory locks.
CREATE TABLE sluice.row_lock (
  number integer PRIMARY KEY NOT NULL
);
INSERT INTO sluice.row_lock (number) SELECT generate_series(0, 255);
