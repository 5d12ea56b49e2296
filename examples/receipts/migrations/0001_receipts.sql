CREATE TABLE receipts (
  id TEXT PRIMARY KEY NOT NULL,
  user_id TEXT NOT NULL,
  storage_key TEXT NOT NULL UNIQUE,
  name TEXT NOT NULL,
  created_at TIMESTAMP NOT NULL
);
CREATE INDEX receipts_by_user ON receipts (user_id, created_at, id);
