-- The runtime's own: the small pictures that were made of a file, as JSON; their objects are beside the file's. Null: none.
ALTER TABLE sluice_files ADD thumbnails text;
