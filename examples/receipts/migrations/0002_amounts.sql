-- Defaults are for the receipts that are there already.
ALTER TABLE receipts ADD COLUMN cents INTEGER NOT NULL DEFAULT 0;
ALTER TABLE receipts ADD COLUMN spent_on DATE NOT NULL DEFAULT '1970-01-01';
CREATE INDEX receipts_by_day ON receipts (user_id, spent_on, id);
