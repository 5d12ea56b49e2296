-- The document table behind mongo_query: one JSON document a row. See migrations/README.md.
CREATE TABLE documents (
  id TEXT PRIMARY KEY NOT NULL,
  collection TEXT NOT NULL,
  body JSON NOT NULL CHECK (json_type(body) = 'object'),
  created_at TIMESTAMP NOT NULL,
  updated_at TIMESTAMP NOT NULL
);
-- A collection in the order of insertion: an index of SQLite's ends in the rowid.
CREATE INDEX documents_by_collection ON documents (collection, created_at);
