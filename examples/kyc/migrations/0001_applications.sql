CREATE TABLE applications (
  id TEXT PRIMARY KEY NOT NULL,
  user_id TEXT NOT NULL UNIQUE,
  full_name TEXT NOT NULL,
  born_on DATE NOT NULL,
  country TEXT NOT NULL,
  document_key TEXT NOT NULL,
  selfie_key TEXT NOT NULL,
  status TEXT NOT NULL,
  decided_by TEXT,
  reason TEXT
);
CREATE INDEX applications_by_status ON applications (status, id);
