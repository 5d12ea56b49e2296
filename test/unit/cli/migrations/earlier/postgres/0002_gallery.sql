-- Example of an application's own table: the rows that upload-gallery-and-store writes.
CREATE TABLE gallery (
  id text PRIMARY KEY NOT NULL,
  user_id text NOT NULL,
  storage_key text NOT NULL UNIQUE,
  url text NOT NULL,
  dominant_color text,
  file_size bigint NOT NULL,
  created_at timestamptz(3) NOT NULL,
  updated_at timestamptz(3) NOT NULL
);
CREATE INDEX gallery_by_user ON gallery (user_id, created_at, id);
