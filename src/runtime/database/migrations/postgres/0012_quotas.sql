-- The runtime's own: how much is stored, or was uploaded in a window of time, of what has a quota.
CREATE TABLE sluice.quotas (
  name text PRIMARY KEY NOT NULL,
  bytes bigint DEFAULT 0 NOT NULL,
  files bigint DEFAULT 0 NOT NULL,
  -- When the window ends and all begins anew; null: the quota is of what is stored, and has no end.
  ends_at timestamptz(3)
);
-- For the sweep.
CREATE INDEX quotas_ending ON sluice.quotas (ends_at) WHERE ends_at IS NOT NULL;

-- The quota that the file counts for, and the window. Null: none.
ALTER TABLE sluice.files ADD COLUMN quota text;
ALTER TABLE sluice.files ADD COLUMN quota_ends_at timestamptz(3);

-- Whatever changes a file's row changes the count in the same transaction, so no path can forget to. What is pending has reserved
-- its file_size. In a window, only what was never stored is given back.
CREATE FUNCTION sluice.take_quota() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  UPDATE sluice.quotas SET bytes = bytes + NEW.file_size, files = files + 1
  WHERE name = NEW.quota AND ends_at IS NOT DISTINCT FROM NEW.quota_ends_at;
  RETURN NULL;
END $$;

CREATE FUNCTION sluice.change_quota() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  kept bigint := 0;
  ended integer := 1;
BEGIN
  IF TG_OP = 'UPDATE' AND NEW.status <> 'gone' THEN
    kept := NEW.file_size;
    ended := 0;
  END IF;
  IF ended = 1 OR kept <> OLD.file_size THEN
    UPDATE sluice.quotas SET bytes = bytes - OLD.file_size + kept, files = files - ended
    WHERE name = OLD.quota AND ends_at IS NOT DISTINCT FROM OLD.quota_ends_at;
  END IF;
  RETURN NULL;
END $$;

CREATE TRIGGER files_quota_taken AFTER INSERT ON sluice.files FOR EACH ROW
WHEN (NEW.quota IS NOT NULL)
EXECUTE FUNCTION sluice.take_quota();

-- Deferred to the commit: whoever waits for the quota's row holds nothing that the one who has it could wait for.
CREATE CONSTRAINT TRIGGER files_quota_changed AFTER UPDATE OF status, file_size OR DELETE ON sluice.files
DEFERRABLE INITIALLY DEFERRED FOR EACH ROW
WHEN (OLD.quota IS NOT NULL AND OLD.status <> 'gone' AND (OLD.quota_ends_at IS NULL OR OLD.status = 'pending'))
EXECUTE FUNCTION sluice.change_quota();
