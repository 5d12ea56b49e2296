-- The document table behind mongo_query: one JSON document a row. See README.md beside this folder.
CREATE TABLE sluice.documents (
  -- The order of insertion within one moment; of the requests that run at once, either may come first.
  position bigint PRIMARY KEY GENERATED ALWAYS AS IDENTITY,
  id text NOT NULL,
  collection text NOT NULL,
  body jsonb NOT NULL,
  created_at timestamptz(3) NOT NULL,
  updated_at timestamptz(3) NOT NULL,
  CONSTRAINT documents_id_unique UNIQUE (id),
  CONSTRAINT documents_body_check CHECK (jsonb_typeof(body) = 'object')
);
-- A collection in the order of insertion.
CREATE INDEX documents_by_collection ON sluice.documents (collection, created_at, position);
