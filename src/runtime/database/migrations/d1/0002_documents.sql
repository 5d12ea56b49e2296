-- The document table behind mongo_query: one JSON document a row. See README.md beside this folder.
CREATE TABLE sluice_documents (
  -- The order of insertion within one moment; SQLite's rowid under a name.
  position integer PRIMARY KEY NOT NULL,
  id text NOT NULL,
  collection text NOT NULL,
  body json NOT NULL,
  created_at timestamp NOT NULL,
  updated_at timestamp NOT NULL,
  CONSTRAINT documents_body_check CHECK (json_type(body) = 'object')
);
CREATE UNIQUE INDEX sluice_documents_id_unique ON sluice_documents (id);
-- A collection in the order of insertion.
CREATE INDEX sluice_documents_by_collection ON sluice_documents (collection, created_at, position);
