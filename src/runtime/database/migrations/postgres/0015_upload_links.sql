-- The runtime's own: links that files may be uploaded by, without a token. The row is written before the link leaves.
CREATE TABLE sluice.upload_links (
  id text PRIMARY KEY NOT NULL,
  -- The id of the ABI, and whoever asked it for the link: the owner of what comes by it.
  endpoint text NOT NULL,
  owner text NOT NULL,
  -- The epoch above the owner's links at issue: see link_epochs.
  epoch integer NOT NULL,
  -- What lists show of it, as JSON: nothing that opens it.
  terms text NOT NULL,
  max_uploads integer NOT NULL,
  uploads integer DEFAULT 0 NOT NULL,
  request_id text NOT NULL,
  client_ip text,
  issued_at timestamptz(3) NOT NULL,
  expires_at timestamptz(3) NOT NULL,
  revoked_at timestamptz(3)
);
CREATE INDEX upload_links_issued ON sluice.upload_links (owner, endpoint, issued_at);
-- For the sweep.
CREATE INDEX upload_links_ending ON sluice.upload_links (expires_at);

-- The link by whose use the file came: on the first file of each use. Null: none.
ALTER TABLE sluice.files ADD COLUMN upload_link text;

-- An upload that comes to nothing gives its use back, whatever ends it: a refusal, or the sweep after a crash. Links come
-- before quotas in every transaction, so none of both waits for the other: those are counted at the commit.
CREATE FUNCTION sluice.return_upload_link() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  UPDATE sluice.upload_links SET uploads = uploads - 1 WHERE id = OLD.upload_link;
  RETURN NULL;
END $$;

CREATE TRIGGER files_upload_link_unused AFTER UPDATE OF status ON sluice.files FOR EACH ROW
WHEN (OLD.upload_link IS NOT NULL AND OLD.status = 'pending' AND NEW.status = 'gone')
EXECUTE FUNCTION sluice.return_upload_link();

CREATE TRIGGER files_upload_link_left AFTER DELETE ON sluice.files FOR EACH ROW
WHEN (OLD.upload_link IS NOT NULL AND OLD.status = 'pending')
EXECUTE FUNCTION sluice.return_upload_link();
