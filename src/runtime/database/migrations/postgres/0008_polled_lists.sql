-- The runtime's own: lists that are polled with `from` miss no file.

-- Null: pending, not managed by the file API, or stored before the column was there.
ALTER TABLE sluice.files ADD COLUMN stored_at timestamptz(3);

-- The latest moment at which a file of the owner was stored. No file of theirs that is stored after it has an earlier one:
-- whoever advances it holds the row until the transaction ends.
CREATE TABLE sluice.owner_clocks (
  owner text PRIMARY KEY NOT NULL,
  moment timestamptz(3) NOT NULL
);
