-- The runtime's own: links that files may be uploaded by, without a token. The row is written before the link leaves.
CREATE TABLE sluice_upload_links (
  id text PRIMARY KEY NOT NULL,
  -- The id of the ABI, and whoever asked it for the link: the owner of what comes by it.
  endpoint text NOT NULL,
  owner text NOT NULL,
  -- The epoch above the owner's links at issue: see sluice_link_epochs.
  epoch integer NOT NULL,
  -- What lists show of it, as JSON: nothing that opens it.
  terms text NOT NULL,
  max_uploads integer NOT NULL,
  uploads integer DEFAULT 0 NOT NULL,
  request_id text NOT NULL,
  client_ip text,
  issued_at text NOT NULL,
  expires_at text NOT NULL,
  revoked_at text
);
CREATE INDEX sluice_upload_links_issued ON sluice_upload_links (owner, endpoint, issued_at);
-- For the sweep.
CREATE INDEX sluice_upload_links_ending ON sluice_upload_links (expires_at);

-- The link by whose use the file came: on the first file of each use. Null: none.
ALTER TABLE sluice_files ADD upload_link text;

-- An upload that comes to nothing gives its use back, whatever ends it: a refusal, or the sweep after a crash.
CREATE TRIGGER sluice_files_upload_link_unused AFTER UPDATE OF status ON sluice_files
WHEN OLD.upload_link IS NOT NULL AND OLD.status = 'pending' AND NEW.status = 'gone'
BEGIN
  UPDATE sluice_upload_links SET uploads = uploads - 1 WHERE id = OLD.upload_link;
END;

CREATE TRIGGER sluice_files_upload_link_left AFTER DELETE ON sluice_files
WHEN OLD.upload_link IS NOT NULL AND OLD.status = 'pending'
BEGIN
  UPDATE sluice_upload_links SET uploads = uploads - 1 WHERE id = OLD.upload_link;
END;
