-- The runtime's own: background work. See docs/jobs.md.

-- One row per job, written in the batch that makes its call's files stored.
CREATE TABLE jobs (
  id TEXT PRIMARY KEY NOT NULL,
  endpoint TEXT NOT NULL,
  origin TEXT NOT NULL CHECK (origin IN ('call', 'schedule')),
  -- Of the plan that queued it.
  fingerprint TEXT NOT NULL,
  owner TEXT,
  state TEXT NOT NULL CHECK (state IN ('queued', 'running', 'done', 'dead')),
  -- 2 high, 1 normal, 0 low.
  priority INTEGER NOT NULL,
  -- Begun ones, an interrupted one too.
  attempts INTEGER NOT NULL DEFAULT 0,
  -- JSON: what the steps need of the call.
  context TEXT NOT NULL,
  -- JSON: storage keys of the call's files.
  files TEXT NOT NULL,
  -- JSON: the answer of a job that is done.
  result TEXT,
  -- JSON: the last failure.
  problem TEXT,
  -- Of the attempt that is running: only that one can finish the job.
  lease TEXT,
  -- No attempt begins before.
  due_at TEXT NOT NULL,
  -- From then on the minute's trigger takes care of it: its message is lost, or its attempt was killed.
  wake_at TEXT NOT NULL,
  -- When a finished job is forgotten.
  expires_at TEXT,
  created_at TEXT NOT NULL,
  updated_at TEXT NOT NULL
);
CREATE INDEX jobs_by_wake ON jobs (state, wake_at);
CREATE INDEX jobs_by_endpoint ON jobs (endpoint, state);
CREATE INDEX jobs_by_expiry ON jobs (expires_at) WHERE expires_at IS NOT NULL;

-- Steps of unfinished jobs that were sent before the job's last batch, each written in the batch of its statements.
CREATE TABLE job_steps (
  job_id TEXT NOT NULL,
  step INTEGER NOT NULL,
  -- JSON; null until it is known.
  result TEXT,
  created_at TEXT NOT NULL,
  PRIMARY KEY (job_id, step)
);

-- Up to which moment each cron_job was taken care of.
CREATE TABLE schedules (
  endpoint TEXT PRIMARY KEY NOT NULL,
  last_slot TEXT NOT NULL
);
