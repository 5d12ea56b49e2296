-- The runtime's own: which files the file API manages.

-- Files that came through it, and those of ABIs that say so. Whatever was stored before stays with it.
ALTER TABLE files ADD COLUMN file_api boolean DEFAULT true NOT NULL;

-- Lists of the file API hold no other files: neither walked nor counted.
DROP INDEX files_by_owner;
CREATE INDEX files_by_owner ON files (owner, status, file_api, created_at, id, expires_at);
