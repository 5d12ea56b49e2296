-- The runtime's own: the links of one answer have one row, which lists their files' keys; its file_id is empty.
ALTER TABLE sluice.links ADD COLUMN storage_keys text;
