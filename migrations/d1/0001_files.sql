-- The runtime's registry of stored files. See migrations/README.md.
CREATE TABLE files (
  id TEXT PRIMARY KEY NOT NULL,
  owner TEXT,
  storage_key TEXT NOT NULL UNIQUE,
  status TEXT NOT NULL CHECK (status IN ('pending', 'stored', 'deleted')),
  visibility TEXT NOT NULL CHECK (visibility IN ('public', 'private')),
  endpoint TEXT NOT NULL,
  original_file_name TEXT NOT NULL,
  file_type TEXT NOT NULL,
  extension TEXT NOT NULL,
  file_size INTEGER NOT NULL DEFAULT 0,
  checksum_sha256 TEXT,
  dominant_color TEXT,
  width INTEGER,
  height INTEGER,
  expires_at TEXT,
  created_at TEXT NOT NULL,
  updated_at TEXT NOT NULL
);
CREATE INDEX files_by_owner ON files (owner, created_at, id);
CREATE INDEX files_by_status ON files (status, updated_at);
