-- The runtime's own: how much is stored, or was uploaded in a window of time, of what has a quota.

-- Without a rowid its key is no index that D1 would count, too, when a row is written.
CREATE TABLE sluice_quotas (
  name text PRIMARY KEY NOT NULL,
  bytes integer DEFAULT 0 NOT NULL,
  files integer DEFAULT 0 NOT NULL,
  -- When the window ends and all begins anew; null: the quota is of what is stored, and has no end.
  ends_at text
) WITHOUT ROWID;
-- For the sweep.
CREATE INDEX sluice_quotas_ending ON sluice_quotas (ends_at) WHERE ends_at IS NOT NULL;

-- The quota that the file counts for, and the window. Null: none.
ALTER TABLE sluice_files ADD quota text;
ALTER TABLE sluice_files ADD quota_ends_at text;

-- Whatever changes a file's row changes the count in the same statement, so no path can forget to. What is pending has reserved
-- its file_size. In a window, only what was never stored is given back.
CREATE TRIGGER sluice_files_quota_taken AFTER INSERT ON sluice_files
WHEN NEW.quota IS NOT NULL
BEGIN
  UPDATE sluice_quotas SET bytes = bytes + NEW.file_size, files = files + 1
  WHERE name = NEW.quota AND ends_at IS NEW.quota_ends_at;
END;

CREATE TRIGGER sluice_files_quota_changed AFTER UPDATE OF status, file_size ON sluice_files
WHEN OLD.quota IS NOT NULL AND OLD.status <> 'gone' AND (OLD.quota_ends_at IS NULL OR OLD.status = 'pending')
  AND (NEW.status = 'gone' OR NEW.file_size <> OLD.file_size)
BEGIN
  UPDATE sluice_quotas
  SET bytes = bytes - OLD.file_size + NEW.file_size * (NEW.status <> 'gone'), files = files - (NEW.status = 'gone')
  WHERE name = OLD.quota AND ends_at IS OLD.quota_ends_at;
END;

CREATE TRIGGER sluice_files_quota_left AFTER DELETE ON sluice_files
WHEN OLD.quota IS NOT NULL AND OLD.status <> 'gone' AND (OLD.quota_ends_at IS NULL OR OLD.status = 'pending')
BEGIN
  UPDATE sluice_quotas SET bytes = bytes - OLD.file_size, files = files - 1
  WHERE name = OLD.quota AND ends_at IS OLD.quota_ends_at;
END;
