-- The runtime's own: the small pictures that were made of a file, as JSON; their objects are beside the file's. Null: none.
ALTER TABLE sluice.files ADD COLUMN thumbnails text;
-- For the sweep, which makes those that are wanted: of files from before, and of calls that had no time for them.
CREATE INDEX files_thumbnails_wanted ON sluice.files (id) WHERE substr(thumbnails, 1, 6) = 'wanted';
