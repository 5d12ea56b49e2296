-- The runtime's own tables. See migrations/README.md.

-- Registry of stored files: one row per object in the bucket.
CREATE TABLE files (
  id TEXT PRIMARY KEY NOT NULL,
  owner TEXT,
  storage_key TEXT NOT NULL UNIQUE,
  status TEXT NOT NULL CHECK (status IN ('pending', 'stored', 'deleted', 'expired', 'gone')),
  visibility TEXT NOT NULL CHECK (visibility IN ('public', 'private')),
  endpoint TEXT NOT NULL,
  original_file_name TEXT NOT NULL,
  file_type TEXT NOT NULL,
  extension TEXT NOT NULL,
  file_size INTEGER NOT NULL DEFAULT 0,
  checksum_sha256 TEXT,
  dominant_color TEXT,
  thumbhash TEXT,
  width INTEGER,
  height INTEGER,
  -- The R2 multipart upload that a pending file's bytes go into, so that the sweep can abort it.
  upload_id TEXT,
  -- Links of another epoch are revoked.
  link_epoch INTEGER NOT NULL DEFAULT 0,
  expires_at TEXT,
  deleted_at TEXT,
  -- From then on the object of a deleted file may be removed; until then it can be restored.
  purge_at TEXT,
  created_at TEXT NOT NULL,
  updated_at TEXT NOT NULL
);
CREATE INDEX files_by_owner ON files (owner, created_at, id);
CREATE INDEX files_by_status ON files (status, updated_at);
CREATE INDEX files_by_expiry ON files (expires_at) WHERE expires_at IS NOT NULL;
CREATE INDEX files_by_purge ON files (status, purge_at) WHERE purge_at IS NOT NULL;

-- Always empty. A statement that must return a row is followed by one that violates this constraint when it did not,
-- which rolls the whole batch back: D1 has no other way to stop in the middle.
CREATE TABLE row_guard (
  found INTEGER NOT NULL CONSTRAINT row_missing CHECK (found = 1)
);
