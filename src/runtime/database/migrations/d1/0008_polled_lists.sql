-- The runtime's own: lists that are polled with `from` miss no file.

-- Null: pending, not managed by the file API, or stored before the column was there.
ALTER TABLE sluice_files ADD stored_at text;

-- The latest moment at which a file of the owner was stored. No file of theirs that is stored after it has an earlier one.
-- Without a rowid its key is no index that D1 would count, too, when a row is written.
CREATE TABLE sluice_owner_clocks (
  owner text PRIMARY KEY NOT NULL,
  moment text NOT NULL
) WITHOUT ROWID;
