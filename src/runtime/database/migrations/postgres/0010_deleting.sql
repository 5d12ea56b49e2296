-- The runtime's own: files that a statement's rows name, and files that take the place of earlier ones.

-- Refuses a statement that names too many files; see row_guard in README.md beside this folder.
ALTER TABLE sluice.row_guard ADD COLUMN excess integer CONSTRAINT row_excess CHECK (excess IS NULL);

-- The same for all files of which the last takes the place of the others. Null: nothing takes the file's place.
ALTER TABLE sluice.files ADD COLUMN replaces_key text;
CREATE INDEX files_by_replaces_key ON sluice.files (replaces_key) WHERE replaces_key IS NOT NULL;
