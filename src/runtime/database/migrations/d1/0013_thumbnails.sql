-- The runtime's own: the small pictures that were made of a file, as JSON; their objects are beside the file's. Null: none.
ALTER TABLE sluice_files ADD thumbnails text;
-- For the sweep, which makes those that are wanted: of files from before, and of calls that had no time for them.
CREATE INDEX sluice_files_thumbnails_wanted ON sluice_files (id) WHERE substr(thumbnails, 1, 6) = 'wanted';
