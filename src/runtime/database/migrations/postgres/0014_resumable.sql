-- The runtime's own: until then a pending file may still get bytes, by an upload in pieces. Null: only its own call brings them.
ALTER TABLE sluice.files ADD COLUMN resumable_until timestamptz(3);
