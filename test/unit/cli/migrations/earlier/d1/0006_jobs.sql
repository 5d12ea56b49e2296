-- The runtime's own: background work. See docs/jobs.md.

-- One row per job, written in the batch that makes its call's files stored.
CREATE TABLE jobs (
  id text PRIMARY KEY NOT NULL,
  endpoint text NOT NULL,
  origin text NOT NULL,
  -- Of the plan that queued it.
  fingerprint text NOT NULL,
  owner text,
  state text NOT NULL,
  -- 2 high, 1 normal, 0 low.
  priority integer NOT NULL,
  -- Begun ones, an interrupted one too.
  attempts integer DEFAULT 0 NOT NULL,
  -- JSON: what the steps need of the call.
  context text NOT NULL,
  -- JSON: storage keys of the call's files.
  files text NOT NULL,
  -- JSON: the answer of a job that is done.
  result text,
  -- JSON: the last failure.
  problem text,
  -- Of the attempt that is running: only that one can finish the job.
  lease text,
  -- No attempt begins before.
  due_at text NOT NULL,
  -- From then on the minute's trigger takes care of it: its message is lost, or its attempt was killed.
  wake_at text NOT NULL,
  -- When a finished job is forgotten.
  expires_at text,
  created_at text NOT NULL,
  updated_at text NOT NULL,
  CONSTRAINT jobs_origin_check CHECK (origin IN ('call', 'schedule')),
  CONSTRAINT jobs_state_check CHECK (state IN ('queued', 'running', 'done', 'dead'))
);
CREATE INDEX jobs_by_wake ON jobs (state, wake_at);
CREATE INDEX jobs_by_endpoint ON jobs (endpoint, state);
CREATE INDEX jobs_by_expiry ON jobs (expires_at) WHERE expires_at IS NOT NULL;

-- Steps of unfinished jobs that were sent before the job's last batch, each written in the batch of its statements.
CREATE TABLE job_steps (
  job_id text NOT NULL,
  step integer NOT NULL,
  -- JSON; null until it is known.
  result text,
  created_at text NOT NULL,
  PRIMARY KEY (job_id, step)
);

-- Up to which moment each cron_job was taken care of.
CREATE TABLE schedules (
  endpoint text PRIMARY KEY NOT NULL,
  last_slot text NOT NULL
);
