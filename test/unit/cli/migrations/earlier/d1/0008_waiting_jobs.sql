-- The runtime's own: where one queue carries jobs of several priorities, the most urgent one is found at once.
CREATE INDEX jobs_waiting ON jobs (priority, due_at) WHERE state = 'queued';
