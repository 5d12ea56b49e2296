-- Example of an application's own table: the rows that upload-gallery-and-store writes.
CREATE TABLE gallery (
  id TEXT PRIMARY KEY NOT NULL,
  user_id TEXT NOT NULL,
  storage_key TEXT NOT NULL UNIQUE,
  url TEXT NOT NULL,
  dominant_color TEXT,
  file_size INTEGER NOT NULL,
  created_at TIMESTAMP NOT NULL,
  updated_at TIMESTAMP NOT NULL
);
CREATE INDEX gallery_by_user ON gallery (user_id, created_at, id);
